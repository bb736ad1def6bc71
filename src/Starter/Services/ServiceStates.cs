using Onramp.Workflows.Contracts;
using Temporalio.Api.Enums.V1;

namespace Onramp.Starter.Services;

/// <summary>Which phases make up each of the four states that callers see, and how to ask visibility for them.</summary>
internal static class ServiceStates
{
    private static readonly Dictionary<OnboardingStatus, OnboardingPhase[]> PhasesOf = new()
    {
        [OnboardingStatus.Pending] =
        [
            OnboardingPhase.Received, OnboardingPhase.Validating, OnboardingPhase.Planning, OnboardingPhase.AwaitingApproval,
        ],
        [OnboardingStatus.Provisioning] =
        [
            OnboardingPhase.CreatingRepository, OnboardingPhase.ProvisioningAzure, OnboardingPhase.ConnectingIdentity,
            OnboardingPhase.ProvisioningNamespace, OnboardingPhase.RegisteringGitOps, OnboardingPhase.CreatingDashboards,
            OnboardingPhase.RegisteringCatalog, OnboardingPhase.Verifying, OnboardingPhase.Notifying, OnboardingPhase.Compensating,
        ],
        [OnboardingStatus.Completed] = [OnboardingPhase.Completed],
        [OnboardingStatus.Failed] =
        [
            OnboardingPhase.Compensated, OnboardingPhase.Invalid, OnboardingPhase.Rejected, OnboardingPhase.ApprovalExpired,
            OnboardingPhase.Cancelled,
        ],
    };

    /// <summary>Every word that the filter <c>state</c> understands: the four states, and phases by name.</summary>
    public static IEnumerable<string> Words => Enum.GetNames<OnboardingStatus>().Select(n => n.ToLowerInvariant()).Concat(Enum.GetNames<OnboardingPhase>());

    /// <summary>The query for a word of <see cref="Words"/> (in any case), or null when it is none.</summary>
    public static string? QueryFor(string word)
    {
        const string State = OnboardingSearchAttributes.State;
        if (Enum.TryParse<OnboardingStatus>(word, ignoreCase: true, out var status) && IsName<OnboardingStatus>(word))
        {
            var phases = string.Join(", ", PhasesOf[status].Select(p => $"'{p}'"));
            return status switch
            {
                OnboardingStatus.Completed => "ExecutionStatus = 'Completed'",
                OnboardingStatus.Failed => "ExecutionStatus IN ('Failed', 'Canceled', 'Terminated', 'TimedOut')",
                _ => $"ExecutionStatus = 'Running' AND {State} IN ({phases})",
            };
        }
        return Enum.TryParse<OnboardingPhase>(word, ignoreCase: true, out var phase) && IsName<OnboardingPhase>(word) ? $"{State} = '{phase}'" : null;
    }

    /// <summary>State and phase from what visibility knows; how the run ended counts more than the phase it last told.</summary>
    public static (OnboardingStatus Status, OnboardingPhase Phase) Of(WorkflowExecutionStatus execution, string phaseName)
    {
        var phase = Enum.TryParse<OnboardingPhase>(phaseName, out var known) ? known : OnboardingPhase.Received;
        return execution switch
        {
            WorkflowExecutionStatus.Completed => (OnboardingStatus.Completed, OnboardingPhase.Completed),
            WorkflowExecutionStatus.Canceled => (OnboardingStatus.Failed, OnboardingPhase.Cancelled),
            WorkflowExecutionStatus.Failed or WorkflowExecutionStatus.Terminated or WorkflowExecutionStatus.TimedOut => (OnboardingStatus.Failed, phase),
            _ => (PhasesOf.First(p => p.Value.Contains(phase)).Key, phase),
        };
    }

    private static bool IsName<TEnum>(string word)
        where TEnum : struct, Enum => Enum.GetNames<TEnum>().Contains(word, StringComparer.OrdinalIgnoreCase);
}
