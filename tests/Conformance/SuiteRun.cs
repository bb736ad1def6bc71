using System.Net;
using System.Text.RegularExpressions;
using Onramp.EmbeddedServer;

namespace Onramp.Conformance.Tests;

/// <summary>One run of the suite against our server on a durable file.</summary>
public sealed partial class SuiteRun : IAsyncLifetime
{
    /// <summary>Scenarios mostly wait; more at a time would make the two cores of CI the clock.</summary>
    private const int Jobs = 6;

    private readonly string directory = Directory.CreateTempSubdirectory("onramp-conformance-").FullName;
    private readonly Dictionary<string, string> lines = new(StringComparer.Ordinal);
    private string output = string.Empty;

    /// <summary>What the suite printed for a scenario: <c>ok area/name</c>, or the first difference.</summary>
    public string LineOf(string scenario) => lines.TryGetValue(scenario, out var line) ? line : $"no line for {scenario} in:\n{output}";

    public async Task InitializeAsync()
    {
        var wanted = Suite.Expected;
        if (wanted.Count == 0)
        {
            return;
        }

        var suite = await Suite.InstallAsync();
        var free = new IPEndPoint(IPAddress.Loopback, 0);
        await using var server = await TemporalServer.StartAsync(new TemporalServerOptions { Listen = free, HttpListen = free, DataFile = Path.Combine(directory, "temporal.db") });
        var only = $"^({string.Join('|', wanted.Select(Regex.Escape))})$";
        string[] arguments = ["tsx", "src/run.ts", "--address", server.Address, "--http-address", $"{server.HttpEndPoint}", "--compare", Suite.Goldens, "--only", only, "--jobs", $"{Jobs}"];
        (_, output) = await Suite.RunAsync("npx", arguments, suite);
        foreach (Match match in Line().Matches(output))
        {
            lines[match.Groups["name"].Value] = match.Value.TrimEnd();
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    [GeneratedRegex(@"^(?:ok|DIFF|ERROR|TIMEOUT) (?<name>[a-z-]+/[^\s:]+).*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Line();
}
