using System.Net;
using System.Text.RegularExpressions;
using Onramp.EmbeddedServer;

namespace Onramp.Conformance.Tests;

/// <summary>One run of the suite against our server on a durable file.</summary>
public sealed partial class SuiteRun : IAsyncLifetime
{
    /// <summary>Scenarios mostly wait; more at a time would make the two cores of CI the clock.</summary>
    private const int Jobs = 6;

    private const string FirstDifference = ": first difference: ";
    private const string Indentation = "    ";

    private readonly string directory = Directory.CreateTempSubdirectory("onramp-conformance-").FullName;
    private readonly Dictionary<string, string> lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> differences = new(StringComparer.Ordinal);
    private string output = string.Empty;

    /// <summary>What the suite printed for a scenario: <c>ok area/name</c>, or the first difference.</summary>
    public string LineOf(string scenario) => lines.TryGetValue(scenario, out var line) ? line : $"no line for {scenario} in:\n{output}";

    /// <summary>All that the suite found to differ in a scenario; empty when it matches.</summary>
    public IReadOnlyList<string> DifferencesOf(string scenario) =>
        differences.TryGetValue(scenario, out var found) ? found : [$"no line for {scenario} in:\n{output}"];

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
        await RunAsync(suite, server, [.. wanted, .. Suite.Declared.Keys], Jobs);

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
        string[] arguments = ["tsx", "src/run.ts", "--address", server.Address, "--http-address", $"{server.HttpEndPoint}", "--compare", Suite.Goldens, "--only", only, "--jobs", $"{jobs}", "--verbose"];
        (_, output) = await Suite.RunAsync("npx", arguments, suite);
        Read(output);
    }

    /// <summary>A line for each scenario; below it, indented, the differences but the first.</summary>
    private void Read(string text)
    {
        List<string> differing = [];
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd()))
        {
            if (Line().Match(line) is { Success: true } match)
            {
                var (word, name, rest) = (match.Groups["word"].Value, match.Groups["name"].Value, match.Groups["rest"].Value);
                lines[name] = $"{word} {name}{rest}";
                differences[name] = differing = word == "ok" ? [] : [rest.Replace(FirstDifference, string.Empty, StringComparison.Ordinal)];
            }
            else if (line.StartsWith(Indentation, StringComparison.Ordinal))
            {
                differing.Add(line.Trim());
            }
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    [GeneratedRegex(@"^(?<word>ok|DIFF|ERROR|TIMEOUT) (?<name>[a-z-]+/[^\s:]+)(?<rest>.*?)( \(\d+ ms\))?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Line();
}
