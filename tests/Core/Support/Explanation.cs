using System.Globalization;
using System.Text;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Core.Tests.Support;

/// <summary>
/// What a service and its changes wait for, when somebody waited for them in vain: what each says of itself, what the server has in hand for it, how its history ends, and
/// whether anybody polls. Reads nothing that needs a worker: that may be what is broken.
/// </summary>
internal static class Explanation
{
    private const int LastEvents = 40;

    public static async Task<string> OfAsync(World world, string service)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"now {DateTime.UtcNow:HH:mm:ss.fff}");
        foreach (var type in new[] { TaskQueueType.Workflow, TaskQueueType.Activity })
            text.AppendLine(await QueueAsync(world, type));
        await foreach (var run in world.Client.ListWorkflowsAsync("WorkflowType != ''"))
        {
            if ($"{run.Id}:".Contains($":{service}:", StringComparison.Ordinal))
                await ExplainAsync(world, run, text);
        }
        return text.ToString();
    }

    private static async Task<string> QueueAsync(World world, TaskQueueType type)
    {
        var queue = await world.Client.WorkflowService.DescribeTaskQueueAsync(new DescribeTaskQueueRequest
        {
            Namespace = world.Client.Options.Namespace, TaskQueue = new TaskQueue { Name = ServiceContract.TaskQueue }, TaskQueueType = type, ReportStats = true,
        });
        return $"queue {type}: {queue.Pollers.Count} pollers, the last at {queue.Pollers.Select(p => p.LastAccessTime.ToDateTime()).DefaultIfEmpty().Max():HH:mm:ss.fff}, backlog {queue.Stats?.ApproximateBacklogCount}";
    }

    private static async Task ExplainAsync(World world, WorkflowExecution run, StringBuilder text)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"\n{run.Id} {run.RunId}");
        try
        {
            var seen = await world.Client.WorkflowService.DescribeWorkflowExecutionAsync(new DescribeWorkflowExecutionRequest
            {
                Namespace = world.Client.Options.Namespace,
                Execution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = run.Id, RunId = run.RunId },
            });
            text.AppendLine(CultureInfo.InvariantCulture, $"  {seen.WorkflowExecutionInfo.Status}, {seen.WorkflowExecutionInfo.HistoryLength} events; it says: {await SaidAsync(run)}");
            foreach (var waiting in InHand(seen))
                text.AppendLine(CultureInfo.InvariantCulture, $"  waits for {waiting}");
            var events = (await world.Client.GetWorkflowHandle(run.Id, run.RunId).FetchHistoryAsync()).Events;
            foreach (var happened in events.TakeLast(LastEvents))
                text.AppendLine(CultureInfo.InvariantCulture, $"  {happened.EventId} {happened.EventTime.ToDateTime():HH:mm:ss.fff} {happened.EventType} {Detail(happened)}");
        }
        catch (RpcException e)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {e.Message}");
        }
    }

    private static async Task<string> SaidAsync(WorkflowExecution run)
    {
        if (run.Memo.TryGetValue(ServiceContract.StateMemo, out var service))
            return Service(await service.ToValueAsync<CarriedState>());
        if (!run.Memo.TryGetValue(ChangeContract.ViewMemo, out var change))
            return "nothing";
        var view = await change.ToValueAsync<ChangeView>();
        return $"#{view.Number} {view.Order.Kind} {view.Order.Environment} {view.Phase}/{view.Outcome}: {view.Message}; {string.Join(", ", view.Actions.Select(a => $"{a.Id} {a.State}"))}";
    }

    public static string Service(CarriedState state) =>
        $"{ServiceStatus.Of(state)}; environments {string.Join(", ", state.Environments.Select(e => $"{e.Key} {e.Value.Phase} {e.Value.RetiringUntil:HH:mm:ss}".TrimEnd()))}"
        + $"; open {string.Join(", ", state.Open.Select(o => $"#{o.Change.Number} {o.Change.Order.Kind} {o.Change.Order.Environment} {o.Change.ChangeId}{(o.Applying ? " applying" : "")}{(o.Adopted ? " adopted" : "")}"))}"
        + $"; held {string.Join(", ", state.Locks.Held.Select(h => $"{h.Key} by {h.Value}"))}"
        + $"; waiting {string.Join(", ", state.Locks.Waiting.Select(w => $"{w.ChangeId} for {string.Join('+', w.Scopes)}"))}"
        + $"; ended {string.Join(", ", state.Ended.TakeLast(5).Select(e => $"#{e.Change.Number} {e.Change.Order.Kind} {e.Change.Order.Environment} {e.Outcome}"))}";

    private static IEnumerable<string> InHand(DescribeWorkflowExecutionResponse seen)
    {
        if (seen.PendingWorkflowTask is { } task)
            yield return $"its workflow task: {task.State}, attempt {task.Attempt}, scheduled {task.ScheduledTime?.ToDateTime():HH:mm:ss.fff}, started {task.StartedTime?.ToDateTime():HH:mm:ss.fff}";
        foreach (var activity in seen.PendingActivities)
            yield return Activity(activity);
        foreach (var child in seen.PendingChildren)
            yield return $"child {child.WorkflowId}";
    }

    private static string Activity(PendingActivityInfo activity) =>
        $"activity {activity.ActivityType.Name} {activity.ActivityId}: {activity.State}, attempt {activity.Attempt}, scheduled {activity.ScheduledTime?.ToDateTime():HH:mm:ss.fff}, "
        + $"started {activity.LastStartedTime?.ToDateTime():HH:mm:ss.fff}, last failure {activity.LastFailure?.Message}";

    private static string Detail(HistoryEvent happened) => happened.EventType switch
    {
        EventType.ActivityTaskScheduled => $"{happened.ActivityTaskScheduledEventAttributes.ActivityType.Name} {happened.ActivityTaskScheduledEventAttributes.ActivityId}",
        EventType.ActivityTaskFailed => $"{happened.ActivityTaskFailedEventAttributes.Failure?.Message}",
        EventType.WorkflowExecutionSignaled => $"{happened.WorkflowExecutionSignaledEventAttributes.SignalName} {Text(happened.WorkflowExecutionSignaledEventAttributes.Input)}",
        EventType.SignalExternalWorkflowExecutionInitiated =>
            $"{happened.SignalExternalWorkflowExecutionInitiatedEventAttributes.SignalName} to {happened.SignalExternalWorkflowExecutionInitiatedEventAttributes.WorkflowExecution.WorkflowId}",
        EventType.TimerStarted => $"{happened.TimerStartedEventAttributes.StartToFireTimeout.ToTimeSpan()}",
        EventType.StartChildWorkflowExecutionInitiated => $"{happened.StartChildWorkflowExecutionInitiatedEventAttributes.WorkflowId}",
        EventType.WorkflowTaskFailed => $"{happened.WorkflowTaskFailedEventAttributes.Cause} {happened.WorkflowTaskFailedEventAttributes.Failure?.Message}",
        EventType.WorkflowExecutionUpdateAccepted => happened.WorkflowExecutionUpdateAcceptedEventAttributes.ProtocolInstanceId,
        EventType.WorkflowExecutionFailed => $"{happened.WorkflowExecutionFailedEventAttributes.Failure?.Message}",
        _ => "",
    };

    private static string Text(Temporalio.Api.Common.V1.Payloads? input)
    {
        const int Longest = 160;
        var text = input?.Payloads_.FirstOrDefault()?.Data.ToStringUtf8() ?? "";
        return text.Length <= Longest ? text : text[..Longest];
    }
}
