using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>Starts workflows, alone or with a signal: policies, repetition of requests, and the new run.</summary>
internal sealed class WorkflowStarter(
    ExecutionRunner runner, WorkflowTaskMachine workflowTasks, RunReplacement replacement, SignalRecorder signals,
    WorkflowTaskResponses responses, HistoryEngineOptions options, IIdSource ids)
{
    public async Task<StartWorkflowExecutionResponse> StartAsync(NamespaceRef ns, StartWorkflowExecutionRequest request)
    {
        using var lease = await runner.LeaseAsync(ns.Id, request.WorkflowId).ConfigureAwait(false);
        var current = lease.CurrentRunId is { } runId ? lease.Find(runId) : null;
        if (current is not null && current.RequestIds.TryGetValue(request.RequestId, out var use))
        {
            return Repeated(ns, current, request, use);
        }

        switch (WorkflowIdPolicies.Decide(current, request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.Fail))
        {
            case StartDecision.UseExisting:
                return await runner.UpdateAsync(lease, current!, tx => UseExisting(ns, tx, request)).ConfigureAwait(false);
            case StartDecision.TerminateExisting:
                return await CommitAsync(lease, ns, Begin(ns, request), current, request).ConfigureAwait(false);
            default:
                return await CommitAsync(lease, ns, Begin(ns, request), terminated: null, request).ConfigureAwait(false);
        }
    }

    /// <summary>Decides a new run; nothing is stored yet.</summary>
    public ExecutionTransaction Begin(NamespaceRef ns, StartWorkflowExecutionRequest request) =>
        Begin(request.ToNewRun(ns, NewKey(ns, request.WorkflowId), RequestIdOf(request.RequestId), runner.Now));

    /// <summary>Stores a new run, together with the end of the one that makes way for it, if any.</summary>
    public async Task<StartWorkflowExecutionResponse> CommitAsync(
        ExecutionCache.Lease lease, NamespaceRef ns, ExecutionTransaction begun, ExecutionState? terminated, StartWorkflowExecutionRequest request)
    {
        if (terminated is null)
        {
            await runner.CommitAsync(lease, begun).ConfigureAwait(false);
        }
        else
        {
            await runner.CommitAsync(lease, Terminate(terminated, begun), begun).ConfigureAwait(false);
        }

        return Answer(ns, begun, request);
    }

    public async Task<SignalWithStartWorkflowExecutionResponse> SignalWithStartAsync(NamespaceRef ns, SignalWithStartWorkflowExecutionRequest request)
    {
        using var lease = await runner.LeaseAsync(ns.Id, request.WorkflowId).ConfigureAwait(false);
        var current = lease.CurrentRunId is { } runId ? lease.Find(runId) : null;
        var signal = new Signal(request.SignalName, request.SignalInput, request.Header, request.Identity, request.RequestId, request.Links);
        var decision = WorkflowIdPolicies.Decide(
            current, request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.UseExisting);
        if (decision == StartDecision.UseExisting)
        {
            SignalRecorder.RequireStaysOpen(current!);
            return await runner.UpdateAsync(lease, current!, tx => SignalExisting(ns, tx, request, signal)).ConfigureAwait(false);
        }

        var run = request.ToNewRun(ns, NewKey(ns, request.WorkflowId), RequestIdOf(request.RequestId), runner.Now);
        var tx = run.Begin(runner.Now, options.CachedEventBytes);
        signals.Record(tx, signal);

        // The reference points from the request to the event that it wrote last, though it names the first one's type.
        tx.State.RequestIds[run.RequestId] = StoredRequestIdUse.Of(EventType.WorkflowExecutionStarted, tx.State.NextEventId);
        workflowTasks.ScheduleWorkflowTask(tx);
        ExecutionTransaction[] decided = decision == StartDecision.TerminateExisting ? [Terminate(current!, tx), tx] : [tx];
        await runner.CommitAsync(lease, decided).ConfigureAwait(false);
        return SignalAnswer(ns, tx.State, request, started: true);
    }

    private ExecutionTransaction Begin(NewRun run)
    {
        var tx = run.Begin(runner.Now, options.CachedEventBytes);
        workflowTasks.ScheduleWorkflowTask(tx);
        if (run.EagerAccepted)
        {
            workflowTasks.Start(tx, run.Identity, run.RequestId, fromSticky: false);
        }

        return tx;
    }

    private ExecutionTransaction Terminate(ExecutionState current, ExecutionTransaction successor)
    {
        var tx = new ExecutionTransaction(current, runner.Now);
        replacement.Terminate(tx, successor);
        return tx;
    }

    private StartWorkflowExecutionResponse Answer(NamespaceRef ns, ExecutionTransaction tx, StartWorkflowExecutionRequest request)
    {
        var state = tx.State;
        return new StartWorkflowExecutionResponse
        {
            RunId = state.Key.RunId,
            FirstExecutionRunId = state.Info.FirstExecutionRunId,
            Started = true,
            Status = state.Status,
            Link = Links.ToEvent(ns.Name, state.Key, 1, EventType.WorkflowExecutionStarted),
            EagerWorkflowTask = EagerTask(state, request),
        };
    }

    private StartWorkflowExecutionResponse Repeated(NamespaceRef ns, ExecutionState state, StartWorkflowExecutionRequest request, StoredRequestIdUse use)
    {
        var byStart = use.EventType == EventType.WorkflowExecutionStarted;
        return new StartWorkflowExecutionResponse
        {
            RunId = state.Key.RunId,
            FirstExecutionRunId = state.Info.FirstExecutionRunId,
            Started = byStart,
            Status = state.Status,
            Link = byStart
                ? Links.ToEvent(ns.Name, state.Key, 1, EventType.WorkflowExecutionStarted)
                : Links.ToRequest(ns.Name, state.Key, request.RequestId, use.EventType),
            EagerWorkflowTask = byStart ? EagerTask(state, request) : null,
        };
    }

    /// <summary>The eager task, as long as it is the first task and still out.</summary>
    private PollWorkflowTaskQueueResponse? EagerTask(ExecutionState state, StartWorkflowExecutionRequest request)
    {
        var isFirst = state.IsOpen && state.Task is { IsStarted: true, LastCompletedStartedEventId: 0, ScheduledEventId: 2, Attempt: 1 };
        return request.RequestEagerExecution && isFirst && state.Task.RequestId == state.Info.StartRequestId
            ? responses.ForTask(state, onlyNew: false)
            : null;
    }

    private StartWorkflowExecutionResponse UseExisting(NamespaceRef ns, ExecutionTransaction tx, StartWorkflowExecutionRequest request)
    {
        var state = tx.State;
        var attach = request.OnConflictOptions;
        if (attach is not null)
        {
            var updated = tx.NewEvent(EventType.WorkflowExecutionOptionsUpdated);
            updated.WorkerMayIgnore = true;
            updated.WorkflowExecutionOptionsUpdatedEventAttributes = new WorkflowExecutionOptionsUpdatedEventAttributes
            {
                AttachedRequestId = attach.AttachRequestId ? request.RequestId : "",
            };
            if (attach.AttachCompletionCallbacks)
            {
                updated.WorkflowExecutionOptionsUpdatedEventAttributes.AttachedCompletionCallbacks.Add(request.CompletionCallbacks);
            }

            if (attach.AttachLinks)
            {
                updated.Links.Add(request.Links);
            }

            if (attach.AttachRequestId)
            {
                state.RequestIds[request.RequestId] = StoredRequestIdUse.Of(EventType.WorkflowExecutionOptionsUpdated, 0);
            }

            tx.BufferEvent(updated);
        }

        return new StartWorkflowExecutionResponse
        {
            RunId = state.Key.RunId,
            FirstExecutionRunId = state.Info.FirstExecutionRunId,
            Status = state.Status,
            Link = attach is { AttachRequestId: true }
                ? Links.ToRequest(ns.Name, state.Key, request.RequestId, EventType.WorkflowExecutionOptionsUpdated)
                : Links.ToEvent(ns.Name, state.Key, 1, EventType.WorkflowExecutionStarted),
        };
    }

    private SignalWithStartWorkflowExecutionResponse SignalExisting(
        NamespaceRef ns, ExecutionTransaction tx, SignalWithStartWorkflowExecutionRequest request, Signal signal)
    {
        if (signals.Record(tx, signal))
        {
            workflowTasks.ScheduleWorkflowTask(tx, endBackoff: true);
        }

        return SignalAnswer(ns, tx.State, request, started: false);
    }

    private static SignalWithStartWorkflowExecutionResponse SignalAnswer(
        NamespaceRef ns, ExecutionState state, SignalWithStartWorkflowExecutionRequest request, bool started) => new()
    {
        RunId = state.Key.RunId,
        FirstExecutionRunId = state.Info.FirstExecutionRunId,
        Started = started,
        SignalLink = Links.ToRequest(ns.Name, state.Key, request.RequestId, EventType.WorkflowExecutionSignaled),
    };

    private ExecutionKey NewKey(NamespaceRef ns, string workflowId) => new(ns.Id, workflowId, ids.NewRunId());

    private string RequestIdOf(string requestId) => requestId.Length > 0 ? requestId : ids.NewId();
}
