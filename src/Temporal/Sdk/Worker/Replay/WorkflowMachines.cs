using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>
/// The replay side of one run: it turns history events into jobs for the workflow code, and matches the commands that the code gives
/// with the events that such commands made before. It knows nothing of user code, threads or the network.
/// </summary>
internal sealed partial class WorkflowMachines
{
    private readonly List<Job> jobs = [];
    private List<HistoryEvent> history = [];
    private int position;
    private bool isLive;
    private bool replaying;
    private DateTime currentTime;
    private int historySizeBytes;
    private WorkflowTaskStartedEventAttributes? lastStarted;
    private WorkerDeploymentVersion? recordedVersion;

    /// <summary>Creates the machines of a run of which nothing is known yet.</summary>
    /// <param name="ownVersion">Deployment version of this worker; its build id alone if it has no deployment.</param>
    public WorkflowMachines(WorkerDeploymentVersion? ownVersion) => OwnVersion = ownVersion;

    /// <summary>Gets the id of the last event applied.</summary>
    public long LastEventId { get; private set; }

    /// <summary>Gets the id of the event that started the last workflow task applied.</summary>
    public long LastStartedEventId { get; private set; }

    /// <summary>Gets what the run's workers told about themselves when they completed tasks.</summary>
    public SdkRecord Sdk { get; } = new();

    private WorkerDeploymentVersion? OwnVersion { get; }

    /// <summary>Adds events. Those already applied are ignored.</summary>
    /// <param name="events">Contiguous events.</param>
    /// <param name="startedEventId">The event that started the task these events came with; 0 if they are only to be replayed.</param>
    /// <exception cref="InvalidOperationException">Events are missing between those applied and these.</exception>
    public void Feed(IEnumerable<HistoryEvent> events, long startedEventId)
    {
        history = [.. history.Skip(position), .. events.Where(e => e.EventId > LastEventId)];
        position = 0;
        var expected = LastEventId;
        foreach (var historyEvent in history)
        {
            if (historyEvent.EventId != ++expected)
            {
                throw new InvalidOperationException($"History has event {historyEvent.EventId} where event {expected} is expected");
            }
        }

        isLive = startedEventId != 0;
        if (isLive && expected != startedEventId)
        {
            throw new InvalidOperationException($"History ends with event {expected}, but the workflow task was started by event {startedEventId}");
        }

        replaying = true;
    }

    /// <summary>Applies events until there is something for the workflow code to do.</summary>
    /// <returns>What there is to do, or null if all events are applied.</returns>
    /// <exception cref="WorkflowNondeterminismException">The commands that the code gave are not those of the history.</exception>
    public Activation? NextActivation()
    {
        if (Ended)
        {
            jobs.Clear();
        }

        while (jobs.Count == 0)
        {
            if (position == history.Count)
            {
                return null;
            }

            ApplyNextSequence();
        }

        var activation = new Activation
        {
            Jobs = [.. jobs.OrderBy(job => job.Order)],
            Timestamp = currentTime,
            IsReplaying = replaying,
            HistoryLength = (int)LastEventId,
            HistorySizeBytes = historySizeBytes,
            ContinueAsNewSuggested = lastStarted?.SuggestContinueAsNew ?? false,
            SuggestedReasons = lastStarted is { SuggestContinueAsNewReasons.Count: > 0 } ? [.. lastStarted.SuggestContinueAsNewReasons] : [],
            TargetDeploymentVersionChanged = lastStarted?.TargetWorkerDeploymentVersionChanged ?? false,
            DeploymentVersion = replaying ? recordedVersion : OwnVersion,
        };
        jobs.Clear();
        return activation;
    }

    /// <summary>Makes the activation that answers queries from the present state.</summary>
    public Activation QueryActivation(IReadOnlyList<QueryJob> queries) => new()
    {
        Jobs = queries,
        Timestamp = currentTime,
        IsReplaying = true,
        HistoryLength = (int)LastEventId,
        HistorySizeBytes = historySizeBytes,
        ContinueAsNewSuggested = lastStarted?.SuggestContinueAsNew ?? false,
        DeploymentVersion = OwnVersion,
    };

    /// <summary>Adds something for the workflow code to do.</summary>
    internal void AddJob(Job job) => jobs.Add(job);

    private void ApplyNextSequence()
    {
        var end = HistorySequence.End(history, position);
        var inCommands = false;
        for (; position < end; position++)
        {
            var historyEvent = history[position];
            var isCommand = HistorySequence.IsCommandEvent(historyEvent.EventType);
            if (inCommands && !isCommand)
            {
                RequireNoCommandsLeft(historyEvent);
                inCommands = false;
            }

            inCommands |= historyEvent.EventType == EventType.WorkflowTaskCompleted;
            if (isCommand)
            {
                MatchCommand(historyEvent);
            }
            else
            {
                ApplyEvent(historyEvent);
            }

            LastEventId = historyEvent.EventId;
        }

        if (inCommands)
        {
            RequireNoCommandsLeft(null);
        }

        replaying = !isLive || end < history.Count;
        PeekNextSequence(end);
    }

    /// <summary>
    /// Looks at what the code did next when these events were new, as far as it needs to know that beforehand: which patches it took.
    /// </summary>
    private void PeekNextSequence(int start)
    {
        recordedVersion = null;
        var end = start < history.Count ? HistorySequence.End(history, start) : start;
        for (var i = start; i < end; i++)
        {
            if (PatchMachine.TryRead(history[i], out var patch))
            {
                NoticePatch(patch.Id, hasUpsert: i + 1 < end && UpsertSearchAttributesMachine.IsChangeVersion(history[i + 1]));
            }
            else if (history[i].EventType == EventType.WorkflowTaskCompleted)
            {
                recordedVersion ??= VersionOf(history[i].WorkflowTaskCompletedEventAttributes);
            }
        }
    }

    private static WorkerDeploymentVersion? VersionOf(WorkflowTaskCompletedEventAttributes completed)
    {
        if (completed.DeploymentVersion is { } version)
        {
            return new(version.DeploymentName, version.BuildId);
        }

#pragma warning disable CS0612 // Workers without a deployment still tell their build id this way.
        return completed.WorkerVersion is { BuildId.Length: > 0 } stamp ? new(string.Empty, stamp.BuildId) : null;
#pragma warning restore CS0612
    }
}
