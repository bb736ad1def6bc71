using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Which activity a request is about: the very attempt of a token, or whatever attempt there is of an id.</summary>
internal sealed class ActivityReference
{
    private readonly TaskToken? token;
    private readonly string activityId;

    private ActivityReference(string workflowId, string runId, string activityId, TaskToken? token)
    {
        WorkflowId = workflowId;
        RunId = runId;
        this.activityId = activityId;
        this.token = token;
    }

    public string WorkflowId { get; }

    public string RunId { get; }

    public bool IsById => token is null;

    public static ActivityReference ByToken(TaskToken token) => new(token.Key.WorkflowId, token.Key.RunId, token.Id, token);

    public static ActivityReference ById(string workflowId, string runId, string activityId)
    {
        if (runId.Length > 0 && !Guid.TryParseExact(runId, "D", out _))
        {
            throw Errors.InvalidArgument("RunId is not valid UUID.");
        }

        return new ActivityReference(workflowId, runId, activityId, null);
    }

    /// <exception cref="RefusalException">NOT_FOUND: it is not pending, or another attempt is.</exception>
    public ActivityState FindIn(ExecutionState state)
    {
        if (token is null)
        {
            return state.FindActivity(activityId) ?? throw Errors.PendingActivityNotFound(activityId);
        }

        return state.Activities.TryGetValue(token.ScheduledEventId, out var activity) && activity.Attempt == token.Attempt
            ? activity
            : throw Errors.ActivityNotFound();
    }
}
