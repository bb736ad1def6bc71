using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using ChildWorkflowCancellationType = Temporalio.Workflows.ChildWorkflowCancellationType;
using ParentClosePolicy = Temporalio.Workflows.ParentClosePolicy;

namespace Onramp.Temporal.Tests.Children;

/// <summary>Child workflows of the official SDK.</summary>
public class ChildWorkflowTests(LocalServer server) : IClassFixture<LocalServer>
{
    private readonly string childId = $"child-{Guid.NewGuid()}";

    private WorkflowHandle<ObedientChild, string> Child => server.Client.GetWorkflowHandle<ObedientChild, string>(childId);

    [Fact]
    public Task The_parent_gets_its_childs_result() => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((PlainParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue));
        await StartedAsync(parent);

        await Child.SignalAsync(w => w.TellAsync("finish"));

        (await parent.GetResultAsync()).ShouldBe("run 1: ");
    });

    [Fact]
    public Task A_child_knows_its_root() => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((PlainParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue));
        await StartedAsync(parent);

        (await Child.QueryAsync(w => w.RootId)).ShouldBe(parent.Id);
        (await Child.DescribeAsync()).ParentId.ShouldBe(parent.Id);
    });

    [Fact]
    public Task The_failure_of_a_child_reaches_its_parent() => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((PlainParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue));
        await StartedAsync(parent);

        await Child.SignalAsync(w => w.TellAsync("fail"));

        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => parent.GetResultAsync());
        var child = failed.InnerException.ShouldBeOfType<ChildWorkflowFailureException>();
        child.WorkflowId.ShouldBe(childId);
        child.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("Obedience");
    });

    [Fact]
    public Task The_termination_of_a_child_reaches_its_parent() => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((PlainParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue));
        await StartedAsync(parent);

        await Child.TerminateAsync("by hand");

        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => parent.GetResultAsync());
        failed.InnerException.ShouldBeOfType<ChildWorkflowFailureException>().InnerException.ShouldBeOfType<TerminatedFailureException>();
    });

    [Fact]
    public Task A_parent_learns_that_its_childs_workflow_id_is_taken() => RunAsync(async taskQueue =>
    {
        await server.Client.StartWorkflowAsync((ObedientChild w) => w.RunAsync(1), new(childId, taskQueue));

        (await server.Client.ExecuteWorkflowAsync((TryingParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue))).ShouldBeTrue();
    });

    [Fact]
    public Task A_child_that_continues_as_new_stays_one_child() => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((PlainParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue));
        await StartedAsync(parent);
        var first = (await Child.DescribeAsync()).RunId;

        await Child.SignalAsync(w => w.TellAsync("continue"));
        await WaitForCloseAsync(first);
        await Child.SignalAsync(w => w.TellAsync("finish"));

        (await parent.GetResultAsync()).ShouldBe("run 2: ");
    });

    [Fact]
    public Task Signals_of_a_parent_arrive_in_order() => RunAsync(async taskQueue =>
    {
        var result = await server.Client.ExecuteWorkflowAsync((SignallingParent w) => w.RunAsync(childId), LocalServer.Start(taskQueue));

        result.ShouldBe("run 1: from the parent,from outside");
    });

    [Theory]
    [InlineData(ChildWorkflowCancellationType.TryCancel, WorkflowExecutionStatus.Canceled)]
    [InlineData(ChildWorkflowCancellationType.WaitCancellationCompleted, WorkflowExecutionStatus.Canceled)]
    [InlineData(ChildWorkflowCancellationType.WaitCancellationRequested, WorkflowExecutionStatus.Canceled)]
    [InlineData(ChildWorkflowCancellationType.Abandon, WorkflowExecutionStatus.Completed)]
    public Task A_child_is_cancelled_as_its_type_says(ChildWorkflowCancellationType type, WorkflowExecutionStatus end) => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((CancellingParent w) => w.RunAsync(childId, type), LocalServer.Start(taskQueue));
        await StartedAsync(parent);

        await parent.SignalAsync(w => w.CancelChildAsync());
        if (type == ChildWorkflowCancellationType.Abandon)
        {
            await Child.SignalAsync(w => w.TellAsync("finish"));
        }

        await WaitForCloseAsync();
        await parent.SignalAsync(w => w.EndAsync());
        (await parent.GetResultAsync()).ShouldBe("cancelled");
        (await Child.DescribeAsync()).Status.ShouldBe(end);
    });

    [Theory]
    [InlineData(ParentClosePolicy.Terminate, WorkflowExecutionStatus.Terminated)]
    [InlineData(ParentClosePolicy.RequestCancel, WorkflowExecutionStatus.Canceled)]
    [InlineData(ParentClosePolicy.Abandon, WorkflowExecutionStatus.Completed)]
    public Task A_child_meets_its_parent_close_policy(ParentClosePolicy policy, WorkflowExecutionStatus end) => RunAsync(async taskQueue =>
    {
        var parent = await server.Client.StartWorkflowAsync((LeavingParent w) => w.RunAsync(childId, policy), LocalServer.Start(taskQueue));
        await StartedAsync(parent);

        await parent.SignalAsync(w => w.EndAsync());
        await parent.GetResultAsync();
        if (policy == ParentClosePolicy.Abandon)
        {
            await Child.SignalAsync(w => w.TellAsync("finish"));
        }

        await WaitForCloseAsync();
        (await Child.DescribeAsync()).Status.ShouldBe(end);
    });

    [Fact]
    public Task Memo_and_search_attributes_come_along_when_a_workflow_continues_as_new() => RunAsync(async taskQueue =>
    {
        var options = LocalServer.Start(taskQueue);
        options.TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(LocalServer.SearchAttributes.Keyword, "kept").ToSearchAttributeCollection();

        options.Memo = new Dictionary<string, object> { ["note"] = "of the start" };

        (await server.Client.ExecuteWorkflowAsync((CarryingWorkflow w) => w.RunAsync(1), options)).ShouldBe("of the start, kept");
    });

    private Task RunAsync(Func<string, Task> body) => server.RunAsync(
        options => options.AddWorkflow<ObedientChild>().AddWorkflow<PlainParent>().AddWorkflow<TryingParent>().AddWorkflow<CancellingParent>().AddWorkflow<LeavingParent>()
            .AddWorkflow<SignallingParent>().AddWorkflow<CarryingWorkflow>(),
        body);

    /// <summary>Waits until the parent's history tells that its child has started.</summary>
    private static async Task StartedAsync(WorkflowHandle parent)
    {
        await foreach (var e in parent.FetchHistoryEventsAsync(new() { WaitNewEvent = true }))
        {
            if (e.EventType == EventType.ChildWorkflowExecutionStarted)
            {
                return;
            }
        }

        throw new InvalidOperationException("the parent has ended without a child");
    }

    /// <summary>Waits for the end of a run of the child; of the current one if none is named.</summary>
    private async Task WaitForCloseAsync(string? runId = null)
    {
        var run = server.Client.GetWorkflowHandle(childId, runId);
        await foreach (var _ in run.FetchHistoryEventsAsync(new() { WaitNewEvent = true, EventFilterType = HistoryEventFilterType.CloseEvent }))
        {
            return;
        }
    }
}
