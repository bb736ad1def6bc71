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
        Check(reuse, conflict);
        return IsLegacy(reuse)
            ? (WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.TerminateExisting)
            : (reuse == WorkflowIdReusePolicy.Unspecified ? WorkflowIdReusePolicy.AllowDuplicate : reuse,
                conflict == WorkflowIdConflictPolicy.Unspecified ? unspecifiedConflict : conflict);
    }

    /// <exception cref="RefusalException">INVALID_ARGUMENT: they don't go together.</exception>
    public static void Check(WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict)
    {
        if (IsLegacy(reuse) && conflict != WorkflowIdConflictPolicy.Unspecified)
        {
            throw Refusals.InvalidArgument($"Invalid WorkflowIDReusePolicy: {TerminateIfRunningName} cannot be used together with a WorkflowIDConflictPolicy");
        }

        if (reuse == WorkflowIdReusePolicy.RejectDuplicate && conflict == WorkflowIdConflictPolicy.TerminateExisting)
        {
            throw Refusals.InvalidArgument(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with "
                + "WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING");
        }
    }

#pragma warning disable CS0612 // Callers of old still send it.
    private static bool IsLegacy(WorkflowIdReusePolicy reuse) => reuse == WorkflowIdReusePolicy.TerminateIfRunning;
#pragma warning restore CS0612
}
