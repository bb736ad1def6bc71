using System.Net;
using System.Runtime.InteropServices;
using Onramp.EmbeddedServer;

namespace Onramp.Bench;

/// <summary>Just the server, for drivers in other processes. Prints its address, ends on SIGTERM or SIGINT.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        using var place = new DataPlace(arguments.Text("data"));
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var server = await TemporalServer.StartAsync(new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, arguments.Number("port", 0)),
            DataFile = place.Path,
        }).ConfigureAwait(false);
        Console.WriteLine(server.Address);
        await stop.Task.ConfigureAwait(false);
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
