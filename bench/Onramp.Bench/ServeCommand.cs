using System.Net;
using System.Runtime.InteropServices;
using Onramp.EmbeddedServer;

namespace Onramp.Bench;

/// <summary>Just the server, for drivers in other processes. Prints its address (and that of its HTTP API), ends on SIGTERM or SIGINT.</summary>
internal static class ServeCommand
{
    public static Verb Verb { get; } = new(
        "serve", "just the server, until SIGTERM or SIGINT; prints its address, and that of its HTTP API", RunAsync,
        Option.Number("port", 0, "where gRPC is served; 0 for any"),
        Option.Number("http-port", otherwise: null, "where the HTTP API is served; 0 for any, without it there is none"),
        Option.Data);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        using var place = new DataPlace(arguments);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var server = await TemporalServer.StartAsync(new TemporalServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, arguments.Number("port")),
            HttpListen = arguments.FindNumber("http-port") is { } http ? new IPEndPoint(IPAddress.Loopback, http) : null,
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
