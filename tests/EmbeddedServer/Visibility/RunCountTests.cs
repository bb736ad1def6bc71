using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Visibility;

/// <summary>The store's own counts of runs say what a look at all runs says, whatever has become of them.</summary>
public sealed class RunCountTests : IAsyncLifetime
{
    private const string ByStatus = "GROUP BY ExecutionStatus";
    private readonly SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Indexer = SearchAttributeIndex.Of, Path = SqliteStoreOptions.InMemory });

    public async Task InitializeAsync() => await store.CommitAsync(
    [
        Run("closes", WorkflowExecutionStatus.Running), Run("stays", WorkflowExecutionStatus.Running), Run("fails", WorkflowExecutionStatus.Failed),
        Run("elsewhere", WorkflowExecutionStatus.Running, ns: "ns-2"), Run("hidden", WorkflowExecutionStatus.Running, division: "batches"),
    ]);

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public void Runs_of_other_namespaces_and_divisions_are_not_counted() => Counts().ShouldBe("Running 2, Failed 1");

    [Fact]
    public async Task A_run_that_ends_changes_its_count()
    {
        await store.CommitAsync([Changed("closes", WorkflowExecutionStatus.Completed)]);

        Counts().ShouldBe("Running 1, Completed 1, Failed 1");
    }

    [Fact]
    public async Task A_run_that_changes_and_stays_what_it_is_is_counted_once()
    {
        await store.CommitAsync([Changed("closes", WorkflowExecutionStatus.Running)]);

        Counts().ShouldBe("Running 2, Failed 1");
    }

    [Fact]
    public async Task A_run_that_is_removed_is_counted_no_more()
    {
        await store.CommitAsync([New(Key("fails")) with { IsNew = false, MakeCurrent = false, Delete = true }]);

        Counts().ShouldBe("Running 2");
    }

    [Fact]
    public async Task A_run_that_moves_to_a_division_is_counted_no_more()
    {
        await store.CommitAsync([Changed("stays", WorkflowExecutionStatus.Running, division: "batches")]);

        Counts().ShouldBe("Running 1, Failed 1");
    }

    [Fact]
    public async Task What_was_not_written_is_not_counted()
    {
        // All that is written with it is tried alone.
        var refused = store.CommitAsync([Run("new", WorkflowExecutionStatus.Running), Changed("nobody", WorkflowExecutionStatus.Completed)]);
        var written = store.CommitAsync([Run("other", WorkflowExecutionStatus.Running)]);
        await Should.ThrowAsync<InvalidOperationException>(() => refused);
        await written;

        Counts().ShouldBe("Running 3, Failed 1");
    }

    /// <summary>As the store counts, after a look at all runs has said the same.</summary>
    private string Counts()
    {
        var counted = Count(new ScanOptions());
        Count(new ScanOptions { UsesCounts = false }).ShouldBe(counted);
        return string.Join(", ", counted.Groups.Select(group => $"{group.GroupValues[0].Data.ToStringUtf8().Trim('"')} {group.Count}"));
    }

    private CountWorkflowExecutionsResponse Count(ScanOptions options) =>
        new SqliteVisibility(store) { Options = options }.Count(Namespace, "default", ByStatus);

    private static ExecutionWrite Changed(string id, WorkflowExecutionStatus status, string? division = null) =>
        Run(id, status, division: division) with { IsNew = false, MakeCurrent = false };

    private static ExecutionWrite Run(string id, WorkflowExecutionStatus status, string ns = Namespace, string? division = null) => New(Key(id, ns: ns)) with
    {
        Status = status,
        Visibility = Visible(Key(id, ns: ns), status) with
        {
            CloseTime = status == WorkflowExecutionStatus.Running ? null : Noon.AddMinutes(1),
            SearchAttributes = division is null ? null : Attributes(("TemporalNamespaceDivision", $"\"{division}\"")),
        },
    };
}
