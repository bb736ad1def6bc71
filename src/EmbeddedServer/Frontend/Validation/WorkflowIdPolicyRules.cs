using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Which policies on workflow ids go together, and what they mean.</summary>
internal static class WorkflowIdPolicyRules
{
    private const string TerminateIfRunningName = "WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING";

    /// <summary>The pair as the engine knows it: nothing unspecified, nothing legacy.</summary>
    /// <param name="unspecifiedConflict">What an unspecified conflict policy means for the call.</param>
    public static (WorkflowIdReusePolicy Reuse, WorkflowIdConflictPolicy Conflict) Normalize(
        WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict, WorkflowIdConflictPolicy unspecifiedConflict)
    {
#pragma warning disable CS0612 // Callers of old still send it.
        if (reuse == WorkflowIdReusePolicy.TerminateIfRunning)
#pragma warning restore CS0612
        {
            return conflict == WorkflowIdConflictPolicy.Unspecified
                ? (WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.TerminateExisting)
                : throw Refusals.InvalidArgument($"Invalid WorkflowIDReusePolicy: {TerminateIfRunningName} cannot be used together with a WorkflowIDConflictPolicy");
        }

        if (reuse == WorkflowIdReusePolicy.RejectDuplicate && conflict == WorkflowIdConflictPolicy.TerminateExisting)
        {
            throw Refusals.InvalidArgument(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with "
                + "WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING");
        }

        return (
            reuse == WorkflowIdReusePolicy.Unspecified ? WorkflowIdReusePolicy.AllowDuplicate : reuse,
            conflict == WorkflowIdConflictPolicy.Unspecified ? unspecifiedConflict : conflict);
    }
}
