namespace Onramp.Workflows.Contracts;

/// <summary>Names on the wire between starter, workflow and worker.</summary>
public static class OnboardingContract
{
    /// <summary>Task queue of the onboarding workflow and its activities.</summary>
    public const string OnboardingTaskQueue = "onramp-onboarding";

    /// <summary>Workflow type.</summary>
    public const string WorkflowType = "OnboardServiceWorkflow";

    /// <summary>Signal that carries one <see cref="ApprovalDecision"/>.</summary>
    public const string ApprovalSignal = "approval";

    /// <summary>Query that answers an <see cref="OnboardingProgress"/>; works on closed runs too.</summary>
    public const string ProgressQuery = "progress";

    /// <summary>Header that carries the correlation id of the call that started a run on to its activities; also its memo field.</summary>
    public const string CorrelationId = "correlationId";

    /// <summary>Prefix of every onboarding workflow's id.</summary>
    public const string WorkflowIdPrefix = "onboarding-";

    /// <summary>
    /// One run a service and environment: start with id-reuse policy <c>AllowDuplicateFailedOnly</c> and conflict policy
    /// <c>UseExisting</c> (or <c>Fail</c> when the request differs). The environment is one of a closed set, so ids are unambiguous.
    /// </summary>
    public static string WorkflowId(string service, string environment) => $"{WorkflowIdPrefix}{service}-{environment}";

    /// <summary>
    /// Activity ids are the step ids of <see cref="StepProgress.Id"/>, with this suffix while a step is being undone; a starter
    /// can so add the live attempt and last error of a pending activity (DescribeWorkflow) to the right step.
    /// </summary>
    public const string UndoActivitySuffix = "/undo";
}

/// <summary>Custom search attributes of onboarding runs, all of type Keyword.</summary>
public static class OnboardingSearchAttributes
{
    public const string Team = "OnrampTeam";
    public const string Service = "OnrampService";
    public const string Environment = "OnrampEnvironment";

    /// <summary>Holds the <see cref="OnboardingPhase"/> by name.</summary>
    public const string State = "OnrampState";

    /// <summary>Digest of the idempotency key that the run was asked for with; set by the starter at the start.</summary>
    public const string IdempotencyKey = "OnrampIdempotencyKey";

    public static readonly IReadOnlyList<string> All = [Team, Service, Environment, State, IdempotencyKey];
}

/// <summary>
/// Stable types of application failures. Those in <see cref="Permanent"/> fail a step at once; the others are retried.
/// </summary>
public static class ErrorTypes
{
    public const string Validation = "Validation";
    public const string NameTaken = "NameTaken";
    public const string OwnedByOther = "OwnedByOther";
    public const string PermissionDenied = "PermissionDenied";
    public const string PolicyDenied = "PolicyDenied";
    public const string PlanUnsupported = "PlanUnsupported";
    public const string QuotaExceeded = "QuotaExceeded";
    public const string NotFound = "NotFound";
    public const string Conflict = "Conflict";
    public const string RateLimited = "RateLimited";
    public const string Transient = "Transient";
    public const string Timeout = "Timeout";
    public const string ExternalBug = "ExternalBug";

    /// <summary>Somebody set a field between a change's look and its write: it is theirs.</summary>
    public const string ChangedMeanwhile = "ChangedMeanwhile";

    /// <summary>Failure types of a run itself.</summary>
    public const string Rejected = "Rejected";
    public const string ApprovalExpired = "ApprovalExpired";

    public static readonly IReadOnlyList<string> Permanent =
        [Validation, NameTaken, OwnedByOther, PermissionDenied, PolicyDenied, PlanUnsupported, QuotaExceeded, NotFound, ChangedMeanwhile];
}
