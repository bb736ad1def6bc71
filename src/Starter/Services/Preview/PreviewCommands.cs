using Onramp.Starter.Http;
using Onramp.Starter.Security;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services.Preview;

/// <summary>Passes decisions and operators' words on to changes, which judge them.</summary>
internal sealed class PreviewCommands(ITemporalClient client, PreviewReader reader, StarterOptions options)
{
    private const string Cancel = "cancel";

    /// <summary>What an operator may say to a change.</summary>
    public static readonly IReadOnlyList<string> Verbs = [Cancel, .. OperatorCommand.Verbs];

    public async Task<CommandAccepted> DecideAsync(string service, string changeId, DecisionBody body, Principal by, CancellationToken cancellationToken)
    {
        if (body.Verdict is not ("approve" or "reject"))
            throw new ProblemException(Problems.Invalid("verdict", body.Verdict.Length == 0 ? "required" : "oneOf", "verdict must be approve or reject"));
        if (body.PlanDigest.Length != 64 || !body.PlanDigest.All(char.IsAsciiHexDigit))
            throw new ProblemException(Problems.Invalid("planDigest", "pattern", "planDigest must be the digest of the plan that is to be decided on, 64 hex digits"));
        var view = await reader.GetChangeAsync(service, changeId, cancellationToken);
        // Without tokens callers are whoever they say, and in every group that is asked for.
        var groups = by.Groups?.Contains(Caller.AnyGroup) == true ? [.. view.Approval?.Requirement.Groups.Select(g => g.Group) ?? []] : by.Groups;
        var decision = new Decision
        {
            Id = body.DecisionId.Length > 0 ? body.DecisionId : Ids.Digest(20, "decision", by.Name, body.Verdict, body.PlanDigest),
            By = by with { Groups = groups },
            Verdict = body.Verdict == "approve" ? ApprovalVerdict.Approve : ApprovalVerdict.Reject,
            PlanDigest = body.PlanDigest,
            Comment = body.Comment,
        };
        var handle = client.GetWorkflowHandle(Ids.Change(service, changeId));
        var record = await TryUpdateAsync(
            changeId, () => handle.ExecuteUpdateAsync<ApprovalRecord>(ChangeContract.DecideUpdate, [decision], new WorkflowUpdateOptions { Rpc = Rpc(cancellationToken) }), cancellationToken);
        if (record is null)
        {
            // No worker judges it now: as a signal it is durable, and is judged later. Its id keeps it from counting twice.
            await handle.SignalAsync(ChangeContract.DecideSignal, [decision], new WorkflowSignalOptions { Rpc = Rpc(cancellationToken) });
            return new CommandAccepted { ChangeId = changeId, Outcome = "taken" };
        }
        return record.Outcome switch
        {
            DecisionOutcome.Accepted or DecisionOutcome.IgnoredDuplicate => new CommandAccepted { ChangeId = changeId, Outcome = record.Outcome.ToString().ToLowerInvariant() },
            DecisionOutcome.IgnoredRequester => throw new ProblemException(Problems.SelfApproval()),
            DecisionOutcome.IgnoredNotInGroup => throw new ProblemException(Problems.NotInGroup([.. view.Approval?.Requirement.Groups.Select(g => g.Group) ?? []])),
            DecisionOutcome.IgnoredIdReused => throw new ProblemException(Problems.DecisionIdReused(decision.Id)),
            DecisionOutcome.IgnoredOtherPlan => throw new ProblemException(Problems.OtherPlan()),
            _ => throw new ProblemException(Problems.Refused("awaitingApproval", $"The decision does not count: {record.Outcome}.")),
        };
    }

    public async Task<CommandAccepted> OperateAsync(string service, string changeId, OperationBody body, Principal by, CancellationToken cancellationToken)
    {
        if (!Verbs.Contains(body.Verb))
            throw new ProblemException(Problems.Invalid("verb", body.Verb.Length == 0 ? "required" : "oneOf", $"verb must be one of {string.Join(", ", Verbs)}"));
        await reader.GetChangeAsync(service, changeId, cancellationToken);
        var handle = client.GetWorkflowHandle(Ids.Change(service, changeId));
        var (update, argument) = body.Verb == Cancel
            ? (ChangeContract.CancelUpdate, (object)by)
            : (ChangeContract.OperateUpdate, new OperatorCommand { Verb = body.Verb, Action = body.Action, By = by });
        var done = await TryUpdateAsync(
            changeId,
            async () =>
            {
                await handle.ExecuteUpdateAsync(update, [argument], new WorkflowUpdateOptions { Rpc = Rpc(cancellationToken) });
                return body.Verb;
            },
            cancellationToken);
        return done is null
            ? throw new ProblemException(Problems.Unavailable("No worker answers, so nobody can say whether the change takes it; try again shortly."))
            : new CommandAccepted { ChangeId = changeId, Outcome = "accepted" };
    }

    private RpcOptions Rpc(CancellationToken cancellationToken) => new() { Timeout = options.QueryTimeout, Retry = false, CancellationToken = cancellationToken };

    /// <summary>What the change answers; null when no worker does.</summary>
    private static async Task<T?> TryUpdateAsync<T>(string changeId, Func<Task<T>> update, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await update();
        }
        catch (WorkflowUpdateFailedException e)
        {
            throw new ProblemException(Problems.Refused("state", e.InnerException?.Message ?? e.Message));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            throw new ProblemException(Problems.Refused("open", $"The change {changeId} has ended."));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is WorkflowUpdateRpcTimeoutOrCanceledException or RpcException { Code: RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.Cancelled })
        {
            return null;
        }
    }
}
