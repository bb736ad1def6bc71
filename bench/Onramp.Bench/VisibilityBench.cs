using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Onramp.EmbeddedServer;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.Bench;

/// <summary>How long lists and counts take over many runs.</summary>
internal static class VisibilityBench
{
    private const string Namespace = "bench";
    private const int Teams = 200;
    private const int Services = 5_000;
    private const int RunsPerCommit = 2_000;
    private const int Repetitions = 10;

    private static readonly string[] Queries =
    [
        "",
        "ExecutionStatus = 'Running'",
        "ExecutionStatus = 'Failed'",
        "ExecutionStatus = 'Terminated'",
        "Team = 'team-7'",
        "Team = 'team-7' AND ExecutionStatus = 'Running'",
        "Service = 'service-123'",
        "State = 'completed' AND Team IN ('team-1', 'team-2', 'team-3')",
        "State != 'completed'",
        "Team STARTS_WITH 'team-19'",
        "WorkflowId = 'onboard-500'",
        "WorkflowId STARTS_WITH 'onboard-99'",
        "RunId = 'run-777'",
        "WorkflowType = 'Rare'",
        "ParentWorkflowId = 'onboard-10'",
        "StartTime > '2026-01-01T10:00:00Z' AND Team = 'team-9'",
        "Team IS NULL",
        "Team = 'nobody'",
    ];

    public static Verb Verb { get; } = new(
        "visibility", "how long lists and counts take over many runs", RunAsync,
        Option.Number("runs", 100_000, "how many are written; a file that has runs keeps them"),
        Option.Data);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var runs = arguments.Number("runs");
        using var place = new DataPlace(arguments);
        await using var store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = place.Path });
        Measured.PrintMachine(place.Describe(SynchronousMode.Full));
        var started = Stopwatch.GetTimestamp();
        if (store.ReadNamespaces().Count == 0)
        {
            await FillAsync(store, runs).ConfigureAwait(false);
            Measured.Print($"{runs} runs written in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        }

        var visibility = new SqliteVisibility(store);
        Console.WriteLine("milliseconds, in parentheses those of the processor");
        foreach (var query in Queries)
        {
            var list = Time(() => visibility.List(Namespace, "bench", query, 20, ByteString.Empty).Executions.Count);
            var count = Time(() => visibility.Count(Namespace, "bench", query).Count);
            Console.WriteLine($"  list {list}, count {count}  {query}");
        }

        return 0;
    }

    /// <summary>How long it takes, what of that the processor works (on a busy machine only that says anything), and how many are found.</summary>
    private static string Time(Func<long> find)
    {
        try
        {
            var found = find();
            var times = new double[Repetitions];
            var processor = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < times.Length; i++)
            {
                var before = Stopwatch.GetTimestamp();
                found = find();
                times[i] = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
            }

            var worked = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / Repetitions;
            return string.Create(CultureInfo.InvariantCulture, $"{new Measured(times).Percentile(0.5),8:0.00} ({worked,7:0.00}) of {found,7}");
        }
        catch (RefusalException refusal)
        {
            return $"refused ({refusal.Kind})";
        }
    }

    private static async Task FillAsync(SqliteStore store, int runs)
    {
        await store.WriteNamespaceAsync(new NamespaceRow(Namespace, "bench", [], new Dictionary<string, IndexedValueType>
        {
            ["Team"] = IndexedValueType.Keyword,
            ["Service"] = IndexedValueType.Keyword,
            ["State"] = IndexedValueType.Keyword,
        })).ConfigureAwait(false);
        foreach (var chunk in Enumerable.Range(0, runs).Chunk(RunsPerCommit))
        {
            await store.CommitAsync(Array.ConvertAll(chunk, Write)).ConfigureAwait(false);
        }
    }

    private static ExecutionWrite Write(int index)
    {
        var key = new ExecutionKey(Namespace, $"onboard-{index}", $"run-{index}");
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(index);
        var status = (index % 100) switch
        {
            < 2 => WorkflowExecutionStatus.Running,
            < 7 => WorkflowExecutionStatus.Failed,
            _ => index % 20_000 == 50 ? WorkflowExecutionStatus.Terminated : WorkflowExecutionStatus.Completed,
        };
        var isOpen = status == WorkflowExecutionStatus.Running;
        return new ExecutionWrite
        {
            Key = key,
            IsNew = true,
            MakeCurrent = true,
            Status = status,
            State = new byte[300],
            Visibility = new VisibilityRow
            {
                WorkflowType = index % 25_000 == 3 ? "Rare" : "OnboardService",
                TaskQueue = "onramp",
                Status = status,
                StartTime = start,
                ExecutionTime = start,
                CloseTime = isOpen ? null : start.AddSeconds(30),
                ParentWorkflowId = index % 1000 == 11 ? $"onboard-{index - 1}" : null,
                ParentRunId = index % 1000 == 11 ? $"run-{index - 1}" : null,
                RootWorkflowId = key.WorkflowId,
                RootRunId = key.RunId,
                SearchAttributes = Attributes($"team-{index % Teams}", $"service-{index % Services}", isOpen ? "provisioning" : "completed"),
            },
        };
    }

    private static byte[] Attributes(string team, string service, string state)
    {
        var attributes = new SearchAttributes();
        foreach (var (name, value) in new[] { ("Team", team), ("Service", service), ("State", state) })
        {
            attributes.IndexedFields[name] = new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8("Keyword") },
                Data = ByteString.CopyFromUtf8($"\"{value}\""),
            };
        }

        return attributes.ToByteArray();
    }
}
