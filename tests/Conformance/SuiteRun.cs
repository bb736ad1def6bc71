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
        await RunAsync(suite, server, wanted, Jobs);

        // Some leave a server less than a second (a 3 s timeout around a 2 s back-off, a task of 1 s): beside five others on a busy machine that
        // measures the machine. What differs has to match by itself.
        var again = wanted.Where(scenario => !LineOf(scenario).StartsWith("ok ", StringComparison.Ordinal)).ToList();
        if (again.Count > 0)
        {
            await RunAsync(suite, server, again, jobs: 1);
        }
    }

    private async Task RunAsync(string suite, TemporalServer server, IReadOnlyList<string> scenarios, int jobs)
    {
        var only = $"^({string.Join('|', scenarios.Select(Regex.Escape))})$";
        string[] arguments = ["tsx", "src/run.ts", "--address", server.Address, "--http-address", $"{server.HttpEndPoint}", "--compare", Suite.Goldens, "--only", only, "--jobs", $"{jobs}"];
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
