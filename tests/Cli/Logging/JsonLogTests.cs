using System.Net;
using System.Text.Json.Nodes;
using Onramp.EmbeddedServer;

namespace Onramp.Cli.Tests.Logging;

/// <summary>A whole onboarding with <c>--log-json</c> at the level that tells most.</summary>
public sealed class TriedOnce : IAsyncLifetime
{
    public int ExitCode { get; private set; }

    public string Output { get; private set; } = "";

    public string[] Lines { get; private set; } = [];

    public async Task InitializeAsync()
    {
        (ExitCode, Output, var error) = await OnrampCommandLine.RunAsync(["try", "--once", "--log-json", "--log-level", "verbose"]);
        Lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>Standard error is JSON line by line; standard output is for people.</summary>
public sealed class JsonLogTests(TriedOnce tried) : IClassFixture<TriedOnce>
{
    [Fact]
    public void Every_line_is_a_json_object() => tried.Lines.Where(line => !IsObject(line)).ShouldBeEmpty();

    [Theory]
    [InlineData("client")]
    [InlineData("worker")]
    [InlineData("starter")]
    public void Each_part_is_heard(string part) => Events.Select(e => e["Properties"]!["Part"]?.GetValue<string>()).ShouldContain(part);

    [Fact]
    public void A_request_is_one_line_that_tells_who_asked_and_what_came_of_it()
    {
        var line = Requests.Single(e => Text(e, "RequestMethod") == "POST" && Text(e, "RequestPath") == "/api/v1/services")["Properties"]!;

        (Text(line, "Principal"), line["StatusCode"]!.GetValue<int>(), Text(line, "CorrelationId").Length, line["Elapsed"]!.GetValue<double>() > 0).ShouldBe(("local", 202, 32, true));
    }

    [Fact]
    public void The_framework_only_speaks_up_when_something_is_wrong() =>
        Events.Where(e => e["Level"]!.GetValue<string>() is "Verbose" or "Debug" or "Information" && IsFramework(Source(e))).Select(Source).Distinct().ShouldBeEmpty();

    [Fact]
    public void What_people_read_has_no_colours_and_whole_links_when_it_goes_to_a_file() =>
        (tried.ExitCode, tried.Output.Contains('\e'), LinkOf("The run itself").EndsWith("/api/v1/services/orders-staging", StringComparison.Ordinal), LinkOf("Key Vault").Contains("kv-orders-stag-", StringComparison.Ordinal))
            .ShouldBe((0, false, true, true), tried.Output);

    [Fact]
    public async Task What_ends_a_command_is_a_line_of_the_log_too()
    {
        await using var server = await TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) });

        var (exitCode, output, error) = await OnrampCommandLine.RunAsync(["worker", "--log-json"], ("TEMPORAL_ADDRESS", server.Address), ("TEMPORAL_NAMESPACE", "nowhere"));

        (exitCode, output, JsonNode.Parse(error)!["Properties"]!["Reason"]!.GetValue<string>())
            .ShouldBe((1, "", $"the Temporal server at {server.Address} has no namespace 'nowhere' (TEMPORAL_NAMESPACE names it)."));
    }

    private IEnumerable<JsonObject> Events => tried.Lines.Where(IsObject).Select(line => JsonNode.Parse(line)!.AsObject());

    private IEnumerable<JsonObject> Requests => Events.Where(e => Source(e).EndsWith("RequestLoggingMiddleware", StringComparison.Ordinal));

    private string LinkOf(string what) => tried.Output.Split('\n').Last(line => line.TrimStart().StartsWith(what, StringComparison.Ordinal)).TrimEnd().Split(' ')[^1];

    private static string Source(JsonObject line) => line["Properties"]!["SourceContext"]?.GetValue<string>() ?? "";

    private static string Text(JsonNode line, string name) => (line["Properties"] ?? line)[name]?.GetValue<string>() ?? "";

    private static bool IsFramework(string source) => source.StartsWith("Microsoft.", StringComparison.Ordinal) || source.StartsWith("System.", StringComparison.Ordinal) || source.StartsWith("Grpc.", StringComparison.Ordinal);

    private static bool IsObject(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
