using System.Globalization;
using System.Net;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>What this assembly does as a program: what runs in the processes that crash tests kill, and the writer of format files.</summary>
internal static class Victim
{
    public const string WriteCommits = "write-commits";
    public const string Serve = "serve";
    public const string WriteFormat = "write-format";

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [WriteCommits, var path]:
                await CommitWriter.RunAsync(path, Console.Out);
                return 0;
            case [Serve, var path, var port]:
                await using (var server = await TemporalServer.StartAsync(new TemporalServerOptions
                {
                    Listen = new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)),
                    DataFile = path,
                }))
                {
                    await Console.Out.WriteLineAsync(server.Address);
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
                }

                return 0;
            case [WriteFormat, var path]:
                await Storage.Formats.FormatFile.WriteAsync(path);
                return 0;
            default:
                await Console.Error.WriteLineAsync("this is run by crash tests");
                return 2;
        }
    }
}
