using System.Net;
using System.Runtime.InteropServices;
using Onramp.EmbeddedServer;

namespace Onramp.Bench;

/// <summary>Just the server, for drivers in other processes. Prints its address (and that of its HTTP API), ends on SIGTERM or SIGINT.</summary>
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
            HttpListen = arguments.Number("http-port", -1) is >= 0 and var http ? new IPEndPoint(IPAddress.Loopback, http) : null,
            DataFile = place.Path,
        }).ConfigureAwait(false);
        Console.WriteLine(server.Address);
        if (server.HttpEndPoint is not null)
        {
            Console.WriteLine(server.HttpEndPoint);
        }

        await stop.Task.ConfigureAwait(false);
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }
}
