using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Timers;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>What a run expects from workers, by its state.</summary>
internal static class RunWorkReader
{
    public static RunWork ReadWork(this ExecutionState state)
    {
        if (!state.IsOpen)
        {
            return new RunWork(WithWorkers: 0, []);
        }

        List<QueueKey> waiting = [];
        if (state.WorkflowTaskDispatch is { } task)
        {
            waiting.Add(new QueueKey(state.Key.NamespaceId, task.Queue, TaskKind.Workflow));
            waiting.Add(new QueueKey(state.Key.NamespaceId, task.StickyNormalQueue ?? task.Queue, TaskKind.Workflow));
        }

        foreach (var activity in state.Activities.Values)
        {
            if (activity.Status == ActivityStatus.Scheduled)
            {
                waiting.Add(new QueueKey(state.Key.NamespaceId, activity.Queue, TaskKind.Activity));
            }
        }

        return new RunWork((state.Task.IsStarted ? 1 : 0) + state.Activities.Values.Count(activity => activity.IsWithWorker), waiting);
    }
}
