using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Timers;
using Onramp.EmbeddedServer.Transport;
using Onramp.EmbeddedServer.Visibility;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>The guide's tables of calls and of bounds say what the server's own code does.</summary>
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

    [Theory]
    [MemberData(nameof(Bounds))]
    public void The_guide_tells_the_bounds_that_the_code_has(string what, string[] numbers)
    {
        var row = File.ReadLines(Guide()).Single(line => line.StartsWith($"| {what} |", StringComparison.Ordinal));

        numbers.ShouldAllBe(number => row.Contains(number, StringComparison.Ordinal));
    }

    public static TheoryData<string, string[]> Bounds()
    {
        var server = new TemporalServerOptions();
        var matching = server.Matching;
        var history = server.History;
        var scans = new ScanOptions();
        var store = new SqliteStoreOptions { Path = SqliteStoreOptions.InMemory, Indexer = SearchAttributeIndex.Of };
        return new()
        {
            { "connections", [Count(server.MaximumConnections), $"{Count(KestrelHost.MaximumStreamsPerConnection)} streams", Size(KestrelHost.ConnectionWindowBytes)] },
            { "calls under way, until their answers are handed over", [Count(server.MaximumCallsInFlight), Size(server.MaximumCallBytesInFlight), Size(MessageMarshallers.MaximumRequestBytes)] },
            { "calls a second", [Count(server.MaximumCallsPerSecond)] },
            { "tasks that wait for polls", [Count(matching.MaximumBacklog), Count(matching.MaximumTasks)] },
            { "task queues", [Count(matching.MaximumQueues)] },
            { "who polled a queue in the last five minutes", [Count(PollerHistory.MaximumPollers)] },
            { "workers that were shut down in the last minute", [Count(matching.MaximumShutDownWorkers)] },
            { "updates that no worker has accepted", [Count(history.MaximumUpdatesInFlight), Size(history.MaximumUpdateBytesInFlight), Size(history.MaximumUpdateBytesInMemory)] },
            { "runs that are decoded", [Size(history.CacheBytes), Size(history.CachedEventBytes)] },
            {
                "one run, besides its history",
                [
                    Size(history.MaximumStateBytes), Count(history.MaximumPendingActivities), Count(history.MaximumBufferedEvents), Size(history.MaximumBufferedBytes),
                    Count(history.MaximumSignals), $"{Count(history.MaximumUpdates)} updates",
                ]
            },
            { "one run's history", [Count(history.MaximumHistoryEvents), Size(history.MaximumHistoryBytes)] },
            { "runs that are woken, inboxes that are dealt with, at the same time", [$"{WakeUpQueue.MaximumAtWork}, {history.MaximumConcurrentDeliveries}"] },
            { "inboxes with messages", [Count(history.MaximumInboxesInMemory)] },
            { "what a start takes up at once", [Count(WaitingPage.UsualActivities)] },
            { "writes that wait", [$" {store.MaximumCommitsPerTransaction} "] },
            { "the write-ahead log", [Size(store.CheckpointBytes)] },
            { "the data file's pages", [$" {store.MaximumIdleReaders} are kept"] },
            { "lists and counts", [$"{scans.MostAtOnce} at once", $"{scans.Limit.TotalSeconds:0} s", Count(VisibilityLimits.MaximumPageSize), Size(scans.MostPageBytes)] },
            { "namespaces", [Count(Limits.Namespaces), Size(Limits.NamespaceBytes)] },
            { "what was configured of task queues", [Count(Limits.TaskQueueConfigsPerNamespace), $"{Count(Limits.FairnessWeightsPerTaskQueue)} weights"] },
            { "batch operations", [Count(BatchTable.KeptPerNamespace), Count(BatchLimits.RunningPerNamespace), Count(BatchLimits.CollectedPerStep), Count(BatchLimits.TargetsPerStep)] },
            { "one schedule", [Count(ScheduleLimits.BufferedActions), $"{ScheduleLimits.StartsUnderWay} that start", $"{ScheduleLimits.Backfills} backfills", $"{ScheduleLimits.RecentActions} recent"] },
        };
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes % (1024 * 1024) == 0 ? $"{bytes / (1024 * 1024)} MiB" : $"{bytes / 1024} KiB";

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
