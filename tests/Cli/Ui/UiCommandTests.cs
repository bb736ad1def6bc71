using System.Net;

namespace Onramp.Cli.Tests.Ui;

/// <summary>The commands that serve the web UI, as people type them.</summary>
public sealed class UiCommandTests : IDisposable
{
    private const string Page = "<!doctype html><title>Temporal</title>";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-ui-pages-");

    public UiCommandTests() => File.WriteAllText(Path.Combine(folder.FullName, "index.html"), Page);

    [Theory]
    [InlineData("up --data :memory: --api-listen 127.0.0.1:0 --temporal-listen 127.0.0.1:0 --log-level error --ui-port 0", "  web ui")]
    [InlineData("server --listen 127.0.0.1:0 --log-level error --ui-port 0", "Web UI:")]
    [InlineData("server --listen 127.0.0.1:0 --log-level error --ui-listen 127.0.0.1:0", "Web UI:")]
    public async Task It_says_where_the_web_ui_is_and_serves_it_there(string line, string label)
    {
        await using var onramp = RunningOnramp.Start([.. line.Split(' '), "--ui-files", folder.FullName]);
        using var browser = new HttpClient { BaseAddress = new Uri(await onramp.SaysAsync(label)) };

        (await browser.GetStringAsync("namespaces/default/workflows")).ShouldBe(Page);
    }

    [Fact]
    public async Task Without_pages_what_they_ask_for_is_answered_as_before()
    {
        await using var onramp = RunningOnramp.Start("server", "--listen", "127.0.0.1:0", "--ui-listen", "127.0.0.1:0", "--log-level", "error");
        var said = await onramp.SaysAsync("Web UI");
        using var browser = new HttpClient { BaseAddress = new Uri(said[said.IndexOf("http", StringComparison.Ordinal)..].Split("/api", 2)[0].Split(' ')[0]) };

        (await browser.GetAsync("api/v1/settings")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Up_without_it_says_how_to_get_it()
    {
        await using var onramp = RunningOnramp.Start("up", "--data", ":memory:", "--api-listen", "127.0.0.1:0", "--temporal-listen", "127.0.0.1:0", "--log-level", "error");

        (await onramp.SaysAsync("Runs can be seen in Temporal's web UI: ")).ShouldStartWith("onramp up --ui (");
    }

    [Theory]
    [InlineData("up --ui", "TEMPORAL_ADDRESS", "cluster:7233", "has a web UI of its own")]
    [InlineData("server --ui-listen 127.0.0.1:0 --ui-port 0", "TEMPORAL_NAMESPACE", "default", "name two places")]
    public async Task What_makes_no_sense_is_said_in_a_line(string line, string name, string value, string message)
    {
        var (exitCode, _, error) = await OnrampCommandLine.RunAsync(line.Split(' '), (name, value));

        (exitCode, error.Contains(message, StringComparison.Ordinal), error.Count(c => c == '\n')).ShouldBe((ExitCodes.Usage, true, 1));
    }

    public void Dispose() => folder.Delete(recursive: true);
}
