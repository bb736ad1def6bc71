using System.Net;
using System.Text.RegularExpressions;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>The guide's table of calls says of each what the server's own table does.</summary>
public sealed partial class GuideTests
{
    [Fact]
    public async Task The_guide_says_of_every_call_whether_it_works()
    {
        await using var server = await TemporalServer.StartAsync(
            new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), TimeProvider = new SkippingTimeProvider() });

        var inCode = server.Calls.Values.Select(call => $"{call.Method.FullName} {call.Support.Kind.ToString().ToLowerInvariant()}");

        Rows().Select(row => $"{row.Call} {row.Support}").Order(StringComparer.Ordinal).ShouldBe(inCode.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_guide_says_what_is_missing_in_the_words_of_the_code()
    {
        await using var server = await TemporalServer.StartAsync(new TemporalServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) });

        var inCode = server.Calls.Values.Where(call => call.Support.Missing is not null).ToDictionary(call => call.Method.FullName, call => call.Support.Missing!, StringComparer.Ordinal);

        Rows().Where(row => row.Support == "partly").ToDictionary(row => row.Call, row => row.Note, StringComparer.Ordinal).ShouldBe(inCode, ignoreOrder: true);
    }

    [Fact]
    public void The_guide_says_what_a_refused_call_belongs_to() =>
        Rows().Where(row => row.Support == "refused" && row.Note.Length == 0).ShouldBeEmpty();

    private static IEnumerable<(string Call, string Support, string Note)> Rows()
    {
        var service = string.Empty;
        foreach (var line in File.ReadLines(Guide()))
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                service = heading.Groups["service"].Value;
            }
            else if (service.Length > 0 && Row().Match(line) is { Success: true } row)
            {
                yield return ($"{service}.{row.Groups["call"].Value}", row.Groups["support"].Value, row.Groups["note"].Value.Trim());
            }
        }
    }

    private static string Guide()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Workflows.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Workflows.sln is in no folder above the tests");
        }

        return Path.Combine(folder, "docs", "embedded-server.md");
    }

    [GeneratedRegex(@"^### (?<service>temporal\.\S+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| (?<call>\w+) \| (?<support>works|partly|refused) \|(?<note>.*)\|$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
