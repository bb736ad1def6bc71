namespace Onramp.Workflows.Contracts;

/// <summary>
/// What every step's activities get. All of it comes from the workflow's state, so that a retry on another worker, a week
/// later, means exactly the same thing.
/// </summary>
public sealed record StepInput
{
    public StepKey Key { get; init; } = new();
    public ServiceRequest Request { get; init; } = new();
    public ServiceNames Names { get; init; } = new();
    public PlatformProfile Platform { get; init; } = new();

    /// <summary>What earlier steps learned, by the names in <see cref="StepFacts"/>.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A fact that an earlier step must have left.</summary>
    public string Fact(string name) =>
        Facts.TryGetValue(name, out var value) ? value : throw new InvalidOperationException($"fact '{name}' is missing for step {Key.Step}");
}

/// <summary>Identity of a step of a run: the idempotency key and the mark left on everything made.</summary>
public sealed record StepKey
{
    public string WorkflowId { get; init; } = "";
    public string RunId { get; init; } = "";
    public string Step { get; init; } = "";

    /// <summary>When the run started; the time written on things, so that a retry writes the same.</summary>
    public DateTimeOffset RunStartedAt { get; init; }

    /// <summary>Sent as <c>X-Correlation-Id</c> with every call.</summary>
    public string CorrelationId => $"{WorkflowId}/{Step}";

    /// <summary>
    /// The mark of this run. It includes the run id: a later run of the same service must not take for its own, and remove on
    /// failure, what an earlier one made.
    /// </summary>
    public string Mark => $"{WorkflowId}/{RunId}";

    /// <summary>The mark where only a few plain characters fit.</summary>
    public string ShortMark => Planning.NameDeriver.Hash(Mark, 12);
}

/// <summary>What doing a step came to.</summary>
public sealed record StepResult
{
    /// <summary>False while the thing is under way: the workflow waits on a timer and asks again.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>
    /// When not ready: ask again at once. A step that can leave no mark in its system first says so what it found there, and
    /// changes something only when the workflow has kept that.
    /// </summary>
    public bool Immediately { get; init; }

    /// <summary>When not ready: for what.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Everything made or found, in order of making.</summary>
    public IReadOnlyList<StepResource> Resources { get; init; } = [];

    /// <summary>What later steps need to know.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string? Link { get; init; }

    /// <summary>Something that did not stop the step but that the owner should know.</summary>
    public string? Warning { get; init; }

    /// <summary>Attempt of the activity that succeeded.</summary>
    public int Attempt { get; init; } = 1;
}

/// <summary>One thing in a system. Only things with <see cref="Created"/> are ever removed by an undo.</summary>
public sealed record StepResource(string Kind, string Id, string Uid, bool Created);

/// <summary>What undoing a step came to; not ready while a removal is under way.</summary>
/// <param name="Ready">False while a removal is under way.</param>
/// <param name="WaitingFor">When not ready: for what.</param>
/// <param name="Left">What this run made and was left, in words with the reason; null: nothing.</param>
/// <param name="IsInTheWay">Whether what was left keeps the same request from succeeding when it is asked for again.</param>
public sealed record UndoResult(bool Ready = true, string? WaitingFor = null, string? Left = null, bool IsInTheWay = false);

/// <summary>Names of facts that steps hand on.</summary>
public static class StepFacts
{
    /// <summary><c>true</c> when this run made the repository, so that everything in it goes with it.</summary>
    public const string RepositoryCreated = "repositoryCreated";

    /// <summary>When the repository was asked for without an answer: it may be there without being seen yet.</summary>
    public const string RepositoryAskedAt = "repositoryAskedAt";

    /// <summary>When the repository was made; until some minutes later it is not seen everywhere.</summary>
    public const string RepositoryCreatedAt = "repositoryCreatedAt";

    /// <summary>What an adopted repository already had, as words joined by commas; it is left alone.</summary>
    public const string RepositoryHad = "repositoryHad";

    /// <summary><c>absent</c> or <c>present</c>, as found before the first change.</summary>
    public const string FolderBefore = "folderBefore";

    /// <inheritdoc cref="FolderBefore"/>
    public const string LocationBefore = "locationBefore";

    public const string RepositoryId = "repositoryId";
    public const string RepositoryUrl = "repositoryUrl";
    public const string RepositoryCloneUrl = "repositoryCloneUrl";
    public const string DefaultBranch = "defaultBranch";
    public const string OidcSubjectPrefix = "oidcSubjectPrefix";

    /// <summary>Subject of the tokens that the repository's workflows deploy with, as the repository makes it.</summary>
    public const string OidcSubject = "oidcSubject";

    /// <summary>How far the start of the pipeline has got: asked for without an answer, and since when, or started.</summary>
    public const string PipelineStart = "pipelineStart";

    /// <summary>How often what the step asked for has failed after it was accepted; followed by the step.</summary>
    public const string ProvisioningFailures = "provisioningFailures";

    public const string ResourceGroupId = "resourceGroupId";
    public const string IdentityId = "identityId";
    public const string IdentityClientId = "identityClientId";
    public const string IdentityPrincipalId = "identityPrincipalId";
    public const string PipelineClientId = "pipelineClientId";
    public const string PipelinePrincipalId = "pipelinePrincipalId";

    /// <summary><c>repository</c> when the plan was made for roles on one repository of the registry, <c>registry</c> for all of it.</summary>
    public const string RegistryScope = "registryScope";

    public const string VaultId = "vaultId";
    public const string VaultName = "vaultName";
    public const string VaultUri = "vaultUri";
    public const string NamespaceUid = "namespaceUid";
    public const string DashboardUrl = "dashboardUrl";
    public const string CatalogTarget = "catalogTarget";

    /// <summary>When everything was first looked at, in UTC; a delivery that isn't well some time later is told and left to its team.</summary>
    public const string VerificationBegan = "verificationBegan";
}

/// <summary>What to tell whom.</summary>
public sealed record NotificationInput
{
    public StepKey Key { get; init; } = new();

    /// <summary>One of <see cref="NotificationKinds"/>.</summary>
    public string Kind { get; init; } = "";

    public string Title { get; init; } = "";
    public string Text { get; init; } = "";
    public string Channel { get; init; } = "";
    public string Email { get; init; } = "";

    /// <summary>Channels of everyone it is for, instead of <see cref="Channel"/>; an empty one is the platform's own.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Addresses of everyone it is for, instead of <see cref="Email"/>.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    public IReadOnlyList<OnboardingLink> Links { get; init; } = [];
}

/// <summary>Occasions to tell somebody.</summary>
public static class NotificationKinds
{
    public const string ApprovalRequested = "approval-requested";
    public const string ApprovalReminder = "approval-reminder";
    public const string ApprovalEscalation = "approval-escalation";
    public const string Completed = "completed";
    public const string RolledBack = "rolled-back";
    public const string NotApproved = "not-approved";
    public const string UndoFailing = "undo-failing";
}

/// <summary>Detail of an activity's failure, for people.</summary>
public sealed record FailureDetail(string System, string Remediation, int? HttpStatus, string CorrelationId);
