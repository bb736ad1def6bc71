using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <content>Namespaces, and what is configured of their task queues.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task Namespaces_are_kept_and_replaced()
    {
        var row = new NamespaceRow("id-1", "default", [1], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword });
        await Store.WriteNamespaceAsync(row);
        await Store.WriteNamespaceAsync(new NamespaceRow("id-2", "another", [2], new Dictionary<string, IndexedValueType>()));
        await Store.WriteNamespaceAsync(row with { Data = [3] });

        var rows = Store.ReadNamespaces();

        rows.Select(one => one.Name).ShouldBe(["another", "default"]);
        rows[1].Data.ShouldBe([3]);
        rows[1].SearchAttributes.ShouldBe(row.SearchAttributes);
        Store.ReadNamespaces().ShouldBeSameAs(rows);
    }

    [Fact]
    public async Task Nothing_begins_in_a_namespace_that_is_gone()
    {
        var row = new NamespaceRow(Namespace, "default", [1], new Dictionary<string, IndexedValueType>());
        await Store.WriteNamespaceAsync(row with { Name = "default-deleted", IsGone = true });
        var batch = new BatchWrite { Key = new BatchKey(Namespace, "job"), Definition = [1], Progress = [1], IsRunning = true };
        var schedule = new ScheduleWrite { Key = new ScheduleKey(Namespace, "nightly"), Definition = [1], Progress = [1] };

        await Should.ThrowAsync<StoreNamespaceGoneException>(() => Store.CommitAsync([New(Key())]));
        await Should.ThrowAsync<StoreNamespaceGoneException>(() => Store.CommitAsync([], schedule: schedule));
        await Should.ThrowAsync<StoreNamespaceGoneException>(() => Store.WriteBatchAsync(batch));

        Store.FindExecution(Key()).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_in_a_namespace_that_is_gone_goes_on_until_it_is_removed()
    {
        var row = new NamespaceRow(Namespace, "default", [1], new Dictionary<string, IndexedValueType>());
        await Store.CommitAsync([New(Key(runId: "run-1"))]);
        await Store.WriteNamespaceAsync(row with { Name = "default-deleted", IsGone = true });

        await Store.CommitAsync([Change(Key(runId: "run-1")) with { Status = WorkflowExecutionStatus.ContinuedAsNew }, New(Key(runId: "run-2"))]);

        Store.FindCurrentRunId(Namespace, "order").ShouldBe("run-2");
    }

    [Fact]
    public async Task Two_namespaces_cannot_have_one_name()
    {
        var none = new Dictionary<string, IndexedValueType>();
        await Store.WriteNamespaceAsync(new NamespaceRow("id-1", "default", [1], none));

        await Should.ThrowAsync<InvalidOperationException>(() => Store.WriteNamespaceAsync(new NamespaceRow("id-2", "default", [2], none)));

        Store.ReadNamespaces().ShouldHaveSingleItem().Id.ShouldBe("id-1");
    }

    [Fact]
    public async Task Configurations_of_task_queues_are_kept_replaced_and_removed()
    {
        await Store.WriteTaskQueueConfigAsync(Config("a", TaskKind.Activity, 1));
        await Store.WriteTaskQueueConfigAsync(Config("a", TaskKind.Workflow, 2));
        await Store.WriteTaskQueueConfigAsync(Config("b", TaskKind.Activity, 3));
        await Store.WriteTaskQueueConfigAsync(Config("a", TaskKind.Activity, 4), forgotten: Config("b", TaskKind.Activity, 3));

        Store.ReadTaskQueueConfigs().Select(row => $"{row.NamespaceId} {row.Queue} {row.Kind} {row.Data[0]}").ShouldBe(["ns-1 a Workflow 2", "ns-1 a Activity 4"]);
    }

    [Fact]
    public async Task Configurations_of_task_queues_go_with_their_namespace()
    {
        await Store.WriteTaskQueueConfigAsync(Config("a", TaskKind.Activity, 1));
        await Store.WriteTaskQueueConfigAsync(Config("a", TaskKind.Activity, 2) with { NamespaceId = "ns-2" });

        await Store.DeleteTaskQueueConfigsAsync(StoreRows.Namespace);

        Store.ReadTaskQueueConfigs().ShouldHaveSingleItem().NamespaceId.ShouldBe("ns-2");
    }

    private static TaskQueueConfigRow Config(string queue, TaskKind kind, byte data) => new(StoreRows.Namespace, queue, kind, [data]);
}
