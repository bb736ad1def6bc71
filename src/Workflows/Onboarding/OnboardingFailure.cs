using Onramp.Workflows.Contracts;
using Onramp.Workflows.Saga;

namespace Onramp.Workflows.Onboarding;

/// <summary>Why a run failed, and what its owner can do.</summary>
public sealed record OnboardingFailure(string Type, string Message, string Remediation, bool Retryable)
{
    private static readonly Dictionary<string, (string Remediation, bool Retryable)> Known = new(StringComparer.Ordinal)
    {
        [ErrorTypes.Validation] = ("Correct the fields named and ask again.", false),
        [ErrorTypes.NameTaken] = ("Choose another service name, or ask with repository.mode 'adopt' if the repository is yours.", false),
        [ErrorTypes.OwnedByOther] = ("The name belongs to another owner; choose another name or have its owner release it.", false),
        [ErrorTypes.PermissionDenied] = ("The platform lacks a permission that the message names; the platform team must grant it, then ask again.", false),
        [ErrorTypes.PolicyDenied] = ("A policy refuses this; change the request to satisfy it or ask for an exemption.", false),
        [ErrorTypes.PlanUnsupported] = ("The system's subscription lacks this feature; the platform team must enable it.", false),
        [ErrorTypes.QuotaExceeded] = ("A quota is used up; the platform team must raise it, then ask again.", false),
        [ErrorTypes.NotFound] = ("Something that the request relies on does not exist; the message names it.", false),
        [ErrorTypes.Conflict] = ("Something else changed the same thing; ask again.", true),
        [ErrorTypes.RateLimited] = ("The system limits calls; ask again later.", true),
        [ErrorTypes.Transient] = ("The system was not available; ask again later.", true),
        [ErrorTypes.Timeout] = ("It took too long; ask again later.", true),
        [ErrorTypes.ExternalBug] = ("The system answered with something unexpected; the platform team must look at the message.", true),
        [ErrorTypes.Rejected] = ("Talk to the approver named, change the request and ask again.", false),
        [ErrorTypes.ApprovalExpired] = ("Nobody decided in time; ask again and tell the approvers.", true),
    };

    /// <summary>A failure of this type, with the remediation known for it unless a better one is given.</summary>
    public static OnboardingFailure Of(string type, string message, string? remediation = null)
    {
        var known = Known.GetValueOrDefault(type, Known[ErrorTypes.ExternalBug]);
        return new OnboardingFailure(type, message, string.IsNullOrEmpty(remediation) ? known.Remediation : remediation, known.Retryable);
    }

    /// <summary>A failure read from what a step's activity threw.</summary>
    public static OnboardingFailure From(Exception exception)
    {
        var error = FailureReader.Read(exception);
        return Of(error.Type, error.Message, FailureReader.Remediation(exception));
    }

    public static OnboardingFailure Cancelled { get; } =
        new("Cancelled", "Cancelled on request", "Ask again when the service is wanted.", true);
}
