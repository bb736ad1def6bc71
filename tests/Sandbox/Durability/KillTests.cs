using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Durability;

public sealed class KillTests
{
    [Fact]
    public async Task Everything_acknowledged_is_there_after_kill_9()
    {
        using var folder = new TemporaryFolder();
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("User-Agent", "tests/1");
        client.DefaultRequestHeaders.Add("Authorization", "Bearer ghp_sandbox");
        var acknowledged = new List<string>();
        var random = new Random(20261121);
        var count = 0;
        for (var life = 0; life < 4; life++)
        {
            using var process = Start(folder.File("sandbox.db"));
            using var ended = new Ending(process);
            var address = new Uri((await process.StandardOutput.ReadLineAsync())!);
            var repositories = await client.GetStringAsync(new Uri(address, "/orgs/acme/repos?per_page=100"));
            acknowledged.ShouldAllBe(name => repositories.Contains($"\"full_name\":\"acme/{name}\"", StringComparison.Ordinal));

            var enough = acknowledged.Count + random.Next(1, 15);
            var killer = Task.Run(() =>
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref count) >= enough);
                process.Kill();
            });
            for (var i = 0; !killer.IsCompleted; i++)
            {
                var name = $"repo-{life}-{i}";
                try
                {
                    using var content = new StringContent(new JsonObject { ["name"] = name, ["auto_init"] = true }.ToJsonString());
                    using var answer = await client.PostAsync(new Uri(address, "/orgs/acme/repos"), content);
                    answer.EnsureSuccessStatusCode();
                    acknowledged.Add(name);
                    Volatile.Write(ref count, acknowledged.Count);
                }
                catch (HttpRequestException)
                {
                    break;
                }
            }

            await killer;
            await process.WaitForExitAsync();
        }

        acknowledged.Count.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task What_was_under_way_goes_on_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        var fault = new JsonObject { ["system"] = "github", ["method"] = "DELETE", ["status"] = 502 };
        string before;
        await using (var sandbox = await SandboxFixture.StartAsync(o => (o.DataFile, o.TimeProvider) = (folder.File("sandbox.db"), time)))
        {
            await sandbox.GitHubAsync("POST", "/repos/acme/golden-path-microservice/generate", new JsonObject { ["owner"] = "acme", ["name"] = "orders" });
            await sandbox.FaultAsync(fault);
            before = (await sandbox.StateAsync()).ToJsonString();
        }

        await using var reopened = await SandboxFixture.StartAsync(o => (o.DataFile, o.TimeProvider) = (folder.File("sandbox.db"), time));
        (await reopened.StateAsync()).ToJsonString().ShouldBe(before);
        (await reopened.GitHubAsync("GET", "/repos/acme/orders/branches/main")).Status.ShouldBe(404);
        (await reopened.GitHubAsync("DELETE", "/repos/acme/orders")).Status.ShouldBe(502);
        time.Advance(5);
        (await reopened.GitHubAsync("GET", "/repos/acme/orders/branches/main")).Status.ShouldBe(200);
        (await reopened.ControlAsync("GET", "ledger")).AsArray().Count.ShouldBe(2);
    }

    private static Process Start(string file)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, "sandbox", file]) { UseShellExecute = false, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    /// <summary>Leaves no process behind, however the test ends.</summary>
    private sealed class Ending(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
