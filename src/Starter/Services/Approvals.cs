using System.Text.RegularExpressions;
using Onramp.Starter.Http;
using Onramp.Starter.Security;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services;

/// <summary>Decision of one person on a plan.</summary>
/// <remarks>Strings, so that a wrong word is refused by field and rule.</remarks>
public sealed record ApprovalBody
{
    /// <summary><c>approve</c> or <c>reject</c>.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>Digest of the plan that the approver saw (<c>progress.plan.digest</c>).</summary>
    public string PlanDigest { get; init; } = "";

    /// <summary>Who decides; only where tokens are off, else the token says it.</summary>
    public string Approver { get; init; } = "";

    /// <summary>Groups to decide for; only where tokens are off. Default: those that policy asks for.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Caller's id of the decision; the same id twice counts once. It belongs to one person, one verdict and one plan.</summary>
    public string DecisionId { get; init; } = "";

    public string Comment { get; init; } = "";
}

/// <summary>
/// Passes decisions on. The workflow is the judge; what it would ignore is refused here first, so that approvers are told at
/// once and in words, and its verdict on the decision is read back.
/// </summary>
internal sealed partial class Approvals(ITemporalClient client, ServiceReader reader)
{
    public const int MaxCommentLength = 1000;
    public const int MaxGroups = 20;

    public async Task<DecisionAccepted> DecideAsync(string id, ApprovalBody body, Caller caller, CancellationToken cancellationToken)
    {
        Check(body, caller);
        var view = await reader.GetAsync(id, runId: null, cancellationToken);
        if (view.IsClosed && !view.IsComplete)
            throw new ProblemException(Problems.NotAwaitingApproval(id, view.Progress.Phase.ToString()));
        if (!view.IsComplete)
            throw new ProblemException(Problems.Unavailable("No worker answers, so the plan to be approved is not known; try again shortly."));
        var progress = view.Progress;
        var decision = Decision(body, caller, progress);
        if (Earlier(progress.Approval, decision) is { } earlier)
            return Answer(id, decision, earlier, progress.Approval!.State);
        Refuse(id, decision, view);
        await SendAsync(id, decision, progress.RunId, cancellationToken);
        var after = await reader.GetAsync(id, progress.RunId, cancellationToken);
        return Earlier(after.Progress.Approval, decision) is { } record
            ? Answer(id, decision, record, after.Progress.Approval!.State)
            : throw new ProblemException(Unjudged(id, decision, after));
    }

    /// <exception cref="ProblemException">The run has ended meanwhile.</exception>
    private async Task SendAsync(string id, ApprovalDecision decision, string runId, CancellationToken cancellationToken)
    {
        try
        {
            await client.GetWorkflowHandle(ServiceIds.ToWorkflowId(id), runId).SignalAsync(OnboardingContract.ApprovalSignal, [decision], new WorkflowSignalOptions
            {
                Rpc = new RpcOptions { CancellationToken = cancellationToken },
            });
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            throw new ProblemException(Problems.NotAwaitingApproval(id, "it has just ended"));
        }
    }

    /// <summary>The record of this decision, when it was taken before.</summary>
    /// <exception cref="ProblemException">Its id is that of another decision.</exception>
    private static ApprovalRecord? Earlier(ApprovalProgress? approval, ApprovalDecision decision)
    {
        var sameId = approval?.Decisions.Where(r => r.Decision.DecisionId == decision.DecisionId).ToArray() ?? [];
        return sameId.FirstOrDefault(r => r.Outcome != DecisionOutcome.IgnoredIdReused && IsSame(r.Decision, decision))
            ?? (sameId.Length == 0 ? null : throw new ProblemException(Problems.DecisionIdReused(decision.DecisionId)));
    }

    private static bool IsSame(ApprovalDecision one, ApprovalDecision other) =>
        string.Equals(one.Approver, other.Approver, StringComparison.OrdinalIgnoreCase) && one.Verdict == other.Verdict
        && string.Equals(one.PlanDigest, other.PlanDigest, StringComparison.OrdinalIgnoreCase);

    /// <summary>Accepted means recorded: what no record is found of is not called so.</summary>
    private static Problem Unjudged(string id, ApprovalDecision decision, ServiceView view) =>
        view.IsClosed || view.IsComplete
            ? Problems.NotAwaitingApproval(id, view.Progress.Approval?.State ?? view.Progress.Phase.ToString())
            : Problems.Unavailable($"The decision was sent, but no worker has judged it yet. Send it again with decisionId '{decision.DecisionId}' to learn what came of it.");

    private static DecisionAccepted Answer(string id, ApprovalDecision decision, ApprovalRecord record, string state) =>
        record.Outcome switch
        {
            DecisionOutcome.Accepted or DecisionOutcome.IgnoredDuplicate => new DecisionAccepted
            {
                Id = id,
                DecisionId = decision.DecisionId,
                Outcome = record.Outcome,
                State = state,
            },
            DecisionOutcome.IgnoredRequester => throw new ProblemException(Problems.SelfApproval()),
            DecisionOutcome.IgnoredNotInGroup => throw new ProblemException(Problems.NotInGroup([])),
            DecisionOutcome.IgnoredOtherPlan => throw new ProblemException(Problems.OtherPlan()),
            _ => throw new ProblemException(Problems.NotAwaitingApproval(id, state)),
        };

    private static void Check(ApprovalBody body, Caller caller)
    {
        var errors = new List<FieldError>();
        if (body.Verdict is not ("approve" or "reject"))
            errors.Add(new("verdict", body.Verdict.Length == 0 ? "required" : "oneOf", "verdict must be approve or reject"));
        if (!DigestPattern().IsMatch(body.PlanDigest))
            errors.Add(new("planDigest", body.PlanDigest.Length == 0 ? "required" : "pattern", "planDigest must be the digest of the plan that is to be decided on, 64 hex digits"));
        if (!caller.IsAuthenticated && !ApproverPattern().IsMatch(body.Approver))
            errors.Add(new("approver", body.Approver.Length == 0 ? "required" : "pattern", "approver must be a login or mail address of at most 100 characters"));
        if (caller.IsAuthenticated && body.Approver.Length > 0 && !string.Equals(body.Approver, caller.Name, StringComparison.OrdinalIgnoreCase))
            errors.Add(new("approver", "token", "approver must be left out or be the token's own login"));
        if (caller.IsAuthenticated && body.Groups.Count > 0)
            errors.Add(new("groups", "token", "groups must be left out: the token says which they are"));
        if (body.Groups.Count > MaxGroups)
            errors.Add(new("groups", "count", "groups must be at most 20"));
        if (body.Comment.Length > MaxCommentLength)
            errors.Add(new("comment", "length", "comment must be at most 1000 characters long"));
        if (body.DecisionId.Length > 0 && !DecisionIdPattern().IsMatch(body.DecisionId))
            errors.Add(new("decisionId", "pattern", "decisionId must be 1 to 64 letters, digits, '.', '_' or '-'"));
        if (errors.Count > 0)
            throw new ProblemException(Problems.Invalid(errors));
    }

    private static ApprovalDecision Decision(ApprovalBody body, Caller caller, OnboardingProgress progress)
    {
        var asked = progress.Approval?.Requirement.Groups.Select(g => g.Group).ToArray() ?? [];
        var groups = caller.IsAuthenticated ? caller.Groups : body.Groups;
        return new ApprovalDecision
        {
            DecisionId = body.DecisionId.Length > 0 ? body.DecisionId : Guid.NewGuid().ToString("n"),
            Approver = caller.IsAuthenticated ? caller.Name : body.Approver,
            Groups = groups.Count == 0 && !caller.IsAuthenticated || groups.Contains(Caller.AnyGroup) ? asked : groups,
            Verdict = body.Verdict == "approve" ? ApprovalVerdict.Approve : ApprovalVerdict.Reject,
            PlanDigest = body.PlanDigest.ToLowerInvariant(),
            Comment = body.Comment,
        };
    }

    private static void Refuse(string id, ApprovalDecision decision, ServiceView view)
    {
        var progress = view.Progress;
        var approval = progress.Approval;
        if (view.IsClosed || approval is null || approval.State != ApprovalStates.Waiting)
            throw new ProblemException(Problems.NotAwaitingApproval(id, approval?.State ?? progress.Phase.ToString()));
        if (string.Equals(decision.Approver, progress.Requester, StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problems.SelfApproval());
        if (!string.Equals(decision.PlanDigest, approval.PlanDigest, StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problems.OtherPlan());
        var asked = approval.Requirement.Groups.Select(g => g.Group).ToArray();
        if (!decision.Groups.Intersect(asked, StringComparer.OrdinalIgnoreCase).Any())
            throw new ProblemException(Problems.NotInGroup(asked));
    }

    [GeneratedRegex(@"^[0-9a-fA-F]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DigestPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@+:/-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ApproverPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DecisionIdPattern();
}
