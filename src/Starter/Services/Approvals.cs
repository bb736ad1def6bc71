using System.Text.RegularExpressions;
using Onramp.Starter.Http;
using Onramp.Starter.Security;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;
using Temporalio.Client;

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

    /// <summary>Caller's id of the decision; the same id twice counts once.</summary>
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
        if (!view.IsComplete)
            throw new ProblemException(Problems.Unavailable("No worker answers, so the plan to be approved is not known; try again shortly."));
        var progress = view.Progress;
        var decision = Decision(body, caller, progress);
        if (progress.Approval?.Decisions.FirstOrDefault(d => d.Decision.DecisionId == decision.DecisionId) is { } earlier)
            return Answer(id, decision, earlier, progress.Approval.State);
        Refuse(id, decision, progress);
        var handle = client.GetWorkflowHandle(ServiceIds.ToWorkflowId(id), progress.RunId);
        await handle.SignalAsync(OnboardingContract.ApprovalSignal, [decision], new WorkflowSignalOptions
        {
            Rpc = new RpcOptions { CancellationToken = cancellationToken },
        });
        var after = (await reader.GetAsync(id, progress.RunId, cancellationToken)).Progress.Approval;
        var record = after?.Decisions.LastOrDefault(d => d.Decision.DecisionId == decision.DecisionId);
        return Answer(id, decision, record, after?.State ?? ApprovalStates.Waiting);
    }

    private static DecisionAccepted Answer(string id, ApprovalDecision decision, ApprovalRecord? record, string state) =>
        record?.Outcome switch
        {
            null or DecisionOutcome.Accepted or DecisionOutcome.IgnoredDuplicate => new DecisionAccepted
            {
                Id = id,
                DecisionId = decision.DecisionId,
                Outcome = record?.Outcome ?? DecisionOutcome.Accepted,
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

    private static void Refuse(string id, ApprovalDecision decision, OnboardingProgress progress)
    {
        var approval = progress.Approval;
        if (approval is null || approval.State != ApprovalStates.Waiting)
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
