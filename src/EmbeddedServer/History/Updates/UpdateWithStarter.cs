using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.History.Transitions;
using Onramp.EmbeddedServer.History.Workflows;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using OperationStatus = Temporalio.Api.ErrorDetails.V1.MultiOperationExecutionFailure.Types.OperationStatus;

namespace Onramp.EmbeddedServer.History.Updates;

/// <summary>
/// Update-with-start: the update goes to the run that is there, or to one that is started with it and sees it in its first task. Repeating the
/// call finds both again.
/// </summary>
internal sealed class UpdateWithStarter(ExecutionRunner runner, WorkflowStarter starter, UpdateRegistry registry, UpdateHandler updates, TimeProvider wallClock)
{
    private const string WholeRefused = "Update-with-Start could not be executed.";
    private const int Tries = 2;

    /// <summary>What the call is about, once it is under way.</summary>
    /// <param name="IsOver">The update was completed before, and is only told again.</param>
    private sealed record UnderWay(ExecutionKey Key, StartWorkflowExecutionResponse Start, PendingUpdate Update, bool IsOver = false);

    /// <exception cref="RefusalException">With a detail that tells the fate of each half.</exception>
    public async Task<ExecuteMultiOperationResponse> ExecuteAsync(
        NamespaceRef ns, StartWorkflowExecutionRequest start, UpdateWorkflowExecutionRequest update, TimeSpan hold, CancellationToken cancellationToken)
    {
        var began = wallClock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            UnderWay underWay;
            using (var lease = await runner.LeaseAsync(ns.Id, start.WorkflowId).ConfigureAwait(false))
            {
                underWay = await BeginAsync(lease, ns, start, update).ConfigureAwait(false);
            }

            try
            {
                var stage = UpdateHandler.StageOf(update.WaitPolicy);
                var progress = await updates.WaitAsync(underWay.Update, stage, hold - wallClock.GetElapsedTime(began), cancellationToken).ConfigureAwait(false);
                var answer = UpdateHandler.Answer(ns, underWay.Key, update.Request, progress);
                answer.Link = underWay.IsOver ? null : answer.Link;
                return new ExecuteMultiOperationResponse
                {
                    Responses =
                    {
                        new ExecuteMultiOperationResponse.Types.Response { StartWorkflow = underWay.Start },
                        new ExecuteMultiOperationResponse.Types.Response { UpdateWorkflow = answer },
                    },
                };
            }
            catch (UpdateUnseenException unseen) when (unseen is { Continues: false } && !underWay.Start.Started && attempt < Tries)
            {
                // The run closed before it looked at the update; another one may be started.
            }
            catch (UpdateUnseenException unseen) when (!underWay.Start.Started)
            {
                throw Refuse(null, unseen.Continues ? unseen.ToRefusal() : new RefusalException(RefusalKind.Aborted, unseen.Message));
            }
            catch (UpdateUnseenException unseen)
            {
                throw RefuseUpdate(unseen.ToRefusal(), underWay.Start);
            }
            catch (RefusalException refused)
            {
                throw RefuseUpdate(refused, underWay.Start);
            }
        }
    }

    /// <summary>How the call is refused as a whole: the failed half tells why, the other one that it was called off.</summary>
    public static RefusalException Refuse(RefusalException? start, RefusalException? update)
    {
        var cause = start ?? update!;
        return new RefusalException(cause.Kind, WholeRefused, new MultiOperationExecutionFailure
        {
            Statuses = { StatusOf(start), StatusOf(update) },
        });
    }

    /// <summary>The update came to nothing; the start may well have come to something.</summary>
    private static RefusalException RefuseUpdate(RefusalException update, StartWorkflowExecutionResponse start) => start.Started
        ? new RefusalException(update.Kind, WholeRefused, new MultiOperationExecutionFailure { Statuses = { new OperationStatus(), StatusOf(update) } })
        : Refuse(null, update);

    private static OperationStatus StatusOf(RefusalException? refusal)
    {
        if (refusal is null)
        {
            return new OperationStatus
            {
                Code = (int)RefusalKind.Aborted,
                Message = "Operation was aborted.",
                Details = { Any.Pack(new MultiOperationExecutionAborted()) },
            };
        }

        var status = new OperationStatus { Code = (int)refusal.Kind, Message = refusal.Message };
        if (refusal.Detail is not null)
        {
            status.Details.Add(Any.Pack(refusal.Detail));
        }

        return status;
    }

    private async Task<UnderWay> BeginAsync(
        ExecutionCache.Lease lease, NamespaceRef ns, StartWorkflowExecutionRequest start, UpdateWorkflowExecutionRequest update)
    {
        var current = lease.CurrentRunId is { } runId ? lease.Find(runId) : null;
        if (current is not null)
        {
            var updateId = update.Request.Meta.UpdateId;
            if (updates.FindCompleted(current, updateId) is { } completed)
            {
                return new UnderWay(current.Key, new StartWorkflowExecutionResponse { RunId = current.Key.RunId, Status = current.Status }, completed, IsOver: true);
            }

            if (current.IsOpen && (current.Info.StartRequestId == start.RequestId || updates.Find(current, updateId) is not null))
            {
                return await UseAsync(lease, ns, current, update).ConfigureAwait(false);
            }

            if (current.RequestIds.ContainsKey(start.RequestId))
            {
                // The start is a repetition, so it starts nothing that the update could go to.
                throw Refuse(new RefusalException(RefusalKind.Unavailable, "Workflow was not started: StartDeduped"), null);
            }
        }

        StartDecision decision;
        try
        {
            decision = WorkflowIdPolicies.Decide(current, start.WorkflowIdReusePolicy, start.WorkflowIdConflictPolicy, WorkflowIdConflictPolicy.Fail);
        }
        catch (RefusalException refused)
        {
            throw Refuse(refused, null);
        }

        return decision == StartDecision.UseExisting
            ? await UseAsync(lease, ns, current!, update).ConfigureAwait(false)
            : await StartAsync(lease, ns, decision == StartDecision.TerminateExisting ? current : null, start, update).ConfigureAwait(false);
    }

    private async Task<UnderWay> UseAsync(ExecutionCache.Lease lease, NamespaceRef ns, ExecutionState current, UpdateWorkflowExecutionRequest update)
    {
        try
        {
            var admitted = await updates.AdmitAsync(lease, current, update).ConfigureAwait(false);
            var answer = new StartWorkflowExecutionResponse
            {
                RunId = current.Key.RunId,
                Status = current.Status,
                Link = Links.ToEvent(ns.Name, current.Key, 1, EventType.WorkflowExecutionStarted),
            };
            return new UnderWay(current.Key, answer, admitted);
        }
        catch (RefusalException refused)
        {
            throw Refuse(null, refused);
        }
    }

    private async Task<UnderWay> StartAsync(
        ExecutionCache.Lease lease, NamespaceRef ns, ExecutionState? terminated, StartWorkflowExecutionRequest start, UpdateWorkflowExecutionRequest update)
    {
        try
        {
            updates.RequireMemory(update.Request);
        }
        catch (RefusalException refused)
        {
            throw Refuse(null, refused);
        }

        var tx = starter.Begin(ns, start);
        var admitted = new PendingUpdate(update.Request.Meta.UpdateId, update.Request, UpdateStatus.Admitted);

        // Before the commit, so that whoever gets the first task gets the update with it.
        registry.Add(tx.State.Key, admitted);
        try
        {
            var answer = await starter.CommitAsync(lease, ns, tx, terminated, start).ConfigureAwait(false);
            return new UnderWay(tx.State.Key, answer, admitted);
        }
        catch (RefusalException refused)
        {
            registry.Remove(tx.State.Key, admitted);
            throw Refuse(refused, null);
        }
    }
}
