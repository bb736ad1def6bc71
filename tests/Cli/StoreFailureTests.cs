using System.Diagnostics;
using System.Runtime.InteropServices;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Cli.Tests;

/// <summary>The process, when the operating system refuses to let its data file grow.</summary>
public sealed class StoreFailureTests : IDisposable
{
    private const int FileLimitKibibytes = 600;
    private const int PayloadBytes = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-full-");

    public void Dispose() => folder.Delete(recursive: true);

    [LinuxFact]
    public async Task A_server_that_can_not_write_ends_with_an_exit_code_of_its_own()
    {
        using var server = StartServer();
        var line = await server.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        var address = line!.Split(' ')[3].TrimEnd('.');
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(address));

        await FillAsync(client);
        await server.WaitForExitAsync().WaitAsync(Patience);

        server.ExitCode.ShouldBe(ExitCodes.StoreFailed);
        (await server.StandardError.ReadToEndAsync()).ShouldContain("the data file can't be written any more");
    }

    private static async Task FillAsync(TemporalClient client)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                await client.StartWorkflowAsync(
                    "Never", [new string('x', PayloadBytes)], new WorkflowOptions($"w{i}", "nobody") { Rpc = new RpcOptions { Retry = false } });
            }
        }
        catch (RpcException failure)
        {
            failure.Code.ShouldBe(RpcException.StatusCode.Unavailable);
        }
    }

    private Process StartServer()
    {
        var start = new ProcessStartInfo("bash")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"");
        foreach (var argument in new[]
        {
            "bash", $"{FileLimitKibibytes}", "dotnet", typeof(ExitCodes).Assembly.Location, "server", "--listen", "127.0.0.1:0",
            "--data", Path.Combine(folder.FullName, "server.db"),
        })
        {
            start.ArgumentList.Add(argument);
        }

        // The limit is for all files, and the runtime maps its code through one.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return Process.Start(start)!;
    }

    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute()
        {
            if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
            {
                Skip = "limits file sizes the Linux way";
            }
        }
    }
}
