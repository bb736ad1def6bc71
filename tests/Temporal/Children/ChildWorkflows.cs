using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Children;

/// <summary>A child that does what it is told: finish, fail, continue as new; and ends if it is cancelled.</summary>
[Workflow]
public class ObedientChild
{
    private readonly List<string> notes = [];
    private string? order;

    [WorkflowRun]
    public async Task<string> RunAsync(int run)
    {
        await Workflow.WaitConditionAsync(() => order is not null);
        return order switch
        {
            "fail" => throw new ApplicationFailureException("told to", errorType: "Obedience"),
            "continue" => throw Workflow.CreateContinueAsNewException((ObedientChild w) => w.RunAsync(run + 1)),
            _ => $"run {run}: {string.Join(',', notes)}",
        };
    }

    [WorkflowSignal]
    public Task TellAsync(string what)
    {
        order = what;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task NoteAsync(string what)
    {
        notes.Add(what);
        return Task.CompletedTask;
    }

    [WorkflowQuery]
    public string RootId => Workflow.Info.Root?.WorkflowId ?? "";
}

/// <summary>Starts one child and waits for it.</summary>
[Workflow]
public class PlainParent
{
    [WorkflowRun]
    public Task<string> RunAsync(string childId) =>
        Workflow.ExecuteChildWorkflowAsync((ObedientChild w) => w.RunAsync(1), new() { Id = childId });
}

/// <summary>Says whether its child's workflow id was taken.</summary>
[Workflow]
public class TryingParent
{
    [WorkflowRun]
    public async Task<bool> RunAsync(string childId)
    {
        try
        {
            await Workflow.StartChildWorkflowAsync((ObedientChild w) => w.RunAsync(1), new() { Id = childId });
            return false;
        }
        catch (WorkflowAlreadyStartedException)
        {
            return true;
        }
    }
}

/// <summary>Starts a child, cancels it when it is told to, and says how that ended.</summary>
[Workflow]
public class CancellingParent
{
    private bool cancels;
    private bool ends;

    [WorkflowRun]
    public async Task<string> RunAsync(string childId, ChildWorkflowCancellationType type)
    {
        using var cancellation = new CancellationTokenSource();
        var handle = await Workflow.StartChildWorkflowAsync(
            (ObedientChild w) => w.RunAsync(1),
            new() { Id = childId, CancellationType = type, CancellationToken = cancellation.Token, ParentClosePolicy = ParentClosePolicy.Abandon });
        await Workflow.WaitConditionAsync(() => cancels);
#pragma warning disable CA1849, S6966 // CancelAsync leaves the workflow's own scheduler.
        cancellation.Cancel();
#pragma warning restore CA1849, S6966
        try
        {
            return await handle.GetResultAsync();
        }
        catch (ChildWorkflowFailureException e) when (e.InnerException is CanceledFailureException)
        {
            // A workflow that ends in the task that asks for a cancellation has not asked for it.
            await Workflow.WaitConditionAsync(() => ends);
            return "cancelled";
        }
    }

    [WorkflowSignal]
    public Task EndAsync()
    {
        ends = true;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task CancelChildAsync()
    {
        cancels = true;
        return Task.CompletedTask;
    }
}

/// <summary>Starts a child, and ends when it is told to.</summary>
[Workflow]
public class LeavingParent
{
    private bool ends;

    [WorkflowRun]
    public async Task RunAsync(string childId, ParentClosePolicy policy)
    {
        await Workflow.StartChildWorkflowAsync((ObedientChild w) => w.RunAsync(1), new() { Id = childId, ParentClosePolicy = policy });
        await Workflow.WaitConditionAsync(() => ends);
    }

    [WorkflowSignal]
    public Task EndAsync()
    {
        ends = true;
        return Task.CompletedTask;
    }
}

/// <summary>Signals its child, then lets it end.</summary>
[Workflow]
public class SignallingParent
{
    [WorkflowRun]
    public async Task<string> RunAsync(string childId)
    {
        var handle = await Workflow.StartChildWorkflowAsync((ObedientChild w) => w.RunAsync(1), new() { Id = childId });
        await handle.SignalAsync(w => w.NoteAsync("from the parent"));
        await Workflow.GetExternalWorkflowHandle<ObedientChild>(childId).SignalAsync(w => w.NoteAsync("from outside"));
        await handle.SignalAsync(w => w.TellAsync("finish"));
        return await handle.GetResultAsync();
    }
}

/// <summary>Says whether its memo and search attribute came along into its second run.</summary>
[Workflow]
public class CarryingWorkflow
{
    [WorkflowRun]
    public Task<string> RunAsync(int run)
    {
        if (run == 1)
        {
            throw Workflow.CreateContinueAsNewException((CarryingWorkflow w) => w.RunAsync(2));
        }

        var memo = Workflow.PayloadConverter.ToValue<string>(Workflow.Memo["note"]);
        return Task.FromResult($"{memo}, {Workflow.TypedSearchAttributes.Get(LocalServer.SearchAttributes.Keyword)}");
    }
}
