using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Temporal.Tests.Updates;

/// <summary>Updates by the official SDK, client and worker.</summary>
public class UpdateTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public Task An_update_answers_what_its_handler_returns() => RunAsync(async (handle, _) =>
    {
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(3))).ShouldBe(3);
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(4))).ShouldBe(7);
        await handle.SignalAsync(w => w.CloseAsync());
        (await handle.GetResultAsync()).ShouldBe(7);
    });

    [Fact]
    public Task A_rejected_update_fails_and_the_workflow_goes_on_without_a_trace_of_it() => RunAsync(async (handle, _) =>
    {
        await handle.ExecuteUpdateAsync(w => w.AddAsync(1));
        var before = (await handle.FetchHistoryAsync()).Events.Count;

        var failed = await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync(w => w.AddAsync(-1)));

        failed.InnerException!.Message.ShouldBe("amounts are positive");
        (await handle.FetchHistoryAsync()).Events.Count.ShouldBe(before);
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(1))).ShouldBe(2);
    });

    [Fact]
    public Task A_failing_handler_fails_its_update_alone() => RunAsync(async (handle, _) =>
    {
        var failed = await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync(w => w.RefuseAsync()));

        failed.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("Refused");
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(1))).ShouldBe(1);
    });

    [Fact]
    public Task An_accepted_update_is_waited_for_by_its_handle() => RunAsync(async (handle, _) =>
    {
        var update = await handle.StartUpdateAsync(w => w.HoldAsync(5), new(WorkflowUpdateStage.Accepted));
        await handle.SignalAsync(w => w.ReleaseAsync());

        (await update.GetResultAsync()).ShouldBe(5);
        (await handle.GetUpdateHandle<int>(update.Id).GetResultAsync()).ShouldBe(5);
    });

    [Fact]
    public Task The_same_id_is_carried_out_once() => RunAsync(async (handle, _) =>
    {
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(5), new() { Id = "once" })).ShouldBe(5);
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(5), new() { Id = "once" })).ShouldBe(5);
        (await handle.ExecuteUpdateAsync(w => w.AddAsync(1))).ShouldBe(6);
    });

    [Fact]
    public Task Fifty_updates_at_once_are_all_carried_out_each_once() => RunAsync(async (handle, _) =>
    {
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => handle.ExecuteUpdateAsync(w => w.AddAsync(1))));
        }

        await handle.SignalAsync(w => w.CloseAsync());
        (await handle.GetResultAsync()).ShouldBe(50);
    });

    [Fact]
    public Task Update_with_start_starts_once_and_uses_what_is_there() => RunAsync(async (_, taskQueue) =>
    {
        var id = $"wf-{Guid.NewGuid()}";
        WithStartWorkflowOperation<WorkflowHandle<Ledger, int>> Start() => WithStartWorkflowOperation.Create(
            (Ledger w) => w.RunAsync(false), new(id, taskQueue) { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
        var first = Start();
        var second = Start();

        (await server.Client.ExecuteUpdateWithStartWorkflowAsync((Ledger w) => w.AddAsync(2), new(first))).ShouldBe(2);
        (await server.Client.ExecuteUpdateWithStartWorkflowAsync((Ledger w) => w.AddAsync(2), new(second))).ShouldBe(4);

        (await second.GetHandleAsync()).ResultRunId.ShouldBe((await first.GetHandleAsync()).ResultRunId);
    });

    [Fact]
    public Task Update_with_start_of_a_running_workflow_that_may_not_be_used_says_so() => RunAsync(async (handle, taskQueue) =>
    {
        var start = WithStartWorkflowOperation.Create(
            (Ledger w) => w.RunAsync(false), new(handle.Id, taskQueue) { IdConflictPolicy = WorkflowIdConflictPolicy.Fail });

        await Should.ThrowAsync<WorkflowAlreadyStartedException>(
            () => server.Client.ExecuteUpdateWithStartWorkflowAsync((Ledger w) => w.AddAsync(2), new(start)));
    });

    [Fact]
    public Task An_update_that_a_closing_run_has_not_seen_lands_on_the_next() => server.RunAsync(
        options => options.AddWorkflow<Ledger>(),
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((Ledger w) => w.RunAsync(true), LocalServer.Start(taskQueue));
            await handle.ExecuteUpdateAsync(w => w.AddAsync(1));
            await handle.SignalAsync(w => w.CloseAsync());

            var current = server.Client.GetWorkflowHandle<Ledger, int>(handle.Id);
            var total = await current.ExecuteUpdateAsync(w => w.AddAsync(10));

            total.ShouldBeOneOf(10, 11);
        });

    private Task RunAsync(Func<WorkflowHandle<Ledger, int>, string, Task> test) => server.RunAsync(
        options => options.AddWorkflow<Ledger>(),
        async taskQueue => await test(await server.Client.StartWorkflowAsync((Ledger w) => w.RunAsync(false), LocalServer.Start(taskQueue)), taskQueue));
}
