using Google.Protobuf;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Tests.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Visibility;

/// <summary>Eight runs, a to h, that queries are tried on: each attribute of each type, each way to end.</summary>
public sealed class VisibilityFixture : IAsyncLifetime
{
    private static readonly (string Id, string Type, WorkflowExecutionStatus Status, (string Name, string Json)[] Attributes)[] Runs =
    [
        ("a", "Order", WorkflowExecutionStatus.Running,
        [
            ("Name", "\"alpha\""), ("Number", "1"), ("Ratio", "0.5"), ("Flag", "true"), ("Due", "\"2001-01-01T00:00:00Z\""),
            ("Tags", "[\"x\"]"), ("Words", "\"the quick brown fox\""),
        ]),
        ("b", "Order", WorkflowExecutionStatus.Running,
        [
            ("Name", "\"beta\""), ("Number", "2"), ("Ratio", "1.5"), ("Flag", "false"), ("Due", "\"2002-02-02T12:30:00.123Z\""),
            ("Tags", "[\"x\", \"y\"]"), ("Words", "\"a lazy dog\""),
        ]),
        ("c", "Payment", WorkflowExecutionStatus.Completed,
        [
            ("Name", "\"gamma\""), ("Number", "3"), ("Ratio", "2.5"), ("Flag", "true"), ("Due", "\"2003-03-03T00:00:00+02:00\""),
            ("Tags", "[\"z\"]"), ("Words", "\"Quick dog\""),
        ]),
        ("d", "Payment", WorkflowExecutionStatus.Failed,
            [("Name", "\"alphabet\""), ("Number", "10"), ("Ratio", "-1"), ("Tags", "[\"x\", \"z\"]")]),
        ("e", "Payment", WorkflowExecutionStatus.Terminated, []),
        ("f", "Order", WorkflowExecutionStatus.Canceled, [("Name", "\"it's\""), ("Number", "-5"), ("Flag", "false")]),
        ("g", "Shipment", WorkflowExecutionStatus.TimedOut, [("Name", "\"omega\""), ("Number", "[0]")]),
        ("h", "Shipment", WorkflowExecutionStatus.Completed, [("Name", "\"with space\""), ("Number", "100")]),
    ];

    /// <summary>Where many runs of one team are.</summary>
    public const string CrowdedNamespace = "ns-crowded";

    public const int Crowd = 800;

    private SqliteStore _store = null!;

    public SqliteVisibility Visibility { get; private set; } = null!;

    /// <summary>The same, looking at all runs in order whatever is asked.</summary>
    public SqliteVisibility Walking { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });
        Visibility = new SqliteVisibility(_store);
        Walking = new SqliteVisibility(_store) { Options = new ScanOptions { FewListedByIndex = -1, MostListedByIndex = -1, MostCountedByIndex = -1, UsesCounts = false } };
        await _store.WriteNamespaceAsync(new NamespaceRow(Namespace, "default", [], new Dictionary<string, IndexedValueType>
        {
            ["Name"] = IndexedValueType.Keyword,
            ["Number"] = IndexedValueType.Int,
            ["Ratio"] = IndexedValueType.Double,
            ["Flag"] = IndexedValueType.Bool,
            ["Due"] = IndexedValueType.Datetime,
            ["Tags"] = IndexedValueType.KeywordList,
            ["Words"] = IndexedValueType.Text,
            ["Unused"] = IndexedValueType.Keyword,
            ["UnusedTags"] = IndexedValueType.KeywordList,
        }));
        for (var i = 0; i < Runs.Length; i++)
        {
            await _store.CommitAsync([Run(i)]);
        }

        await _store.WriteNamespaceAsync(new NamespaceRow(
            CrowdedNamespace, "crowded", [], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword }));
        await _store.CommitAsync([.. Enumerable.Range(0, Crowd).Select(number => Run(2) with
        {
            Key = Key($"one-of-{number}", $"run-{number}", CrowdedNamespace),
            Visibility = Run(2).Visibility! with { SearchAttributes = Attributes(("Team", "\"crowd\"")) },
        })]);

        // Neighbours that no query may find: another namespace, and a division that only who asks for it sees.
        await _store.CommitAsync([Run(0) with { Key = Key("a", "other-run", "ns-2") }]);
        await _store.CommitAsync(
        [
            Run(0) with
            {
                Key = Key("hidden", "hidden-run"),
                Visibility = Run(0).Visibility! with { SearchAttributes = Attributes(("TemporalNamespaceDivision", "\"TemporalScheduler\"")) },
            },
        ]);
    }

    internal SqliteVisibility With(ScanOptions options) => new(_store) { Options = options };

    public async Task DisposeAsync() => await _store.DisposeAsync();

    /// <summary>Ids of the runs found, sorted: <c>a b</c>.</summary>
    public string Find(string query) => string.Join(' ', List(query).Select(info => info.Execution.WorkflowId).Order(StringComparer.Ordinal));

    public IReadOnlyList<global::Temporalio.Api.Workflow.V1.WorkflowExecutionInfo> List(string query) =>
        Visibility.List(Namespace, "default", query, 0, ByteString.Empty).Executions;

    private static ExecutionWrite Run(int index)
    {
        var (id, type, status, attributes) = Runs[index];
        var key = Key(id, $"run-{id}");
        var start = Noon.AddMinutes(index);
        var isOpen = status == WorkflowExecutionStatus.Running;
        return New(key) with
        {
            Status = status,
            Visibility = Visible(key) with
            {
                WorkflowType = type,
                Status = status,
                StartTime = start,
                ExecutionTime = start,
                CloseTime = isOpen ? null : start.AddMilliseconds(id == "g" ? 2000 : 20),
                ParentWorkflowId = id == "h" ? "a" : null,
                ParentRunId = id == "h" ? "run-a" : null,
                RootWorkflowId = id == "h" ? "a" : id,
                HistoryLength = isOpen ? 4 : 5,
                SearchAttributes = attributes.Length == 0 ? null : Attributes(attributes),
            },
        };
    }
}
