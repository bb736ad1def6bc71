using Temporalio.Client;

namespace Onramp.Cli.Tests;

/// <summary><c>onramp server backup</c> beside a server that runs.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-backup-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_copy_is_made_beside_the_server_and_another_server_goes_on_with_it()
    {
        var data = Path.Combine(folder.FullName, "temporal.db");
        var copy = Path.Combine(folder.FullName, "copy.db");
        await using (var server = await StartAsync(data))
        {
            var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
            await client.StartWorkflowAsync("Waits", [], new WorkflowOptions("waits", "nobody"));

            var (exitCode, output, error) = await OnrampCommandLine.RunAsync(["server", "backup", "--data", data, "--to", copy]);

            (exitCode, error).ShouldBe((0, ""));
            output.ShouldBe($"{copy}: {new FileInfo(copy).Length} bytes, checked\n");
        }

        await using var restored = await StartAsync(copy);
        var reader = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(restored.Address));
        (await reader.GetWorkflowHandle("waits").DescribeAsync()).Status.ShouldBe(Temporalio.Api.Enums.V1.WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task Nothing_is_replaced_by_a_slip()
    {
        var data = Path.Combine(folder.FullName, "temporal.db");
        await (await StartAsync(data)).DisposeAsync();
        var copy = Path.Combine(folder.FullName, "copy.db");
        await File.WriteAllTextAsync(copy, "dear to somebody");

        var (exitCode, _, error) = await OnrampCommandLine.RunAsync(["server", "backup", "--data", data, "--to", copy]);

        exitCode.ShouldBe(ExitCodes.Failed);
        error.ShouldContain($"There is a file '{copy}' already.");
        (await File.ReadAllTextAsync(copy)).ShouldBe("dear to somebody");
    }

    private static Task<EmbeddedServer.TemporalServer> StartAsync(string data) => EmbeddedServer.TemporalServer.StartAsync(new EmbeddedServer.TemporalServerOptions
    {
        Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
        DataFile = data,
    });
}
