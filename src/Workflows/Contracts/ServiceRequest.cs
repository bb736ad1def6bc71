namespace Onramp.Workflows.Contracts;

/// <summary>What a team asks for.</summary>
/// <remarks>
/// Values are strings, not enums, so that a wrong one reaches the validator and is refused by field and rule instead of by a
/// deserializer. The words allowed are in <see cref="Vocabulary"/>; every rule is in <c>ServiceRequestValidator</c>. The summaries are
/// what the API's description tells callers.
/// </remarks>
public sealed record ServiceRequest
{
    /// <summary>Caller's id of the request; used in links and annotations. Filled in when left out.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Service name: <c>^[a-z][a-z0-9]*(-[a-z0-9]+)*$</c>, 3 to 30 characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>One line for people, at most 200 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>Owning team: same pattern as the name, 2 to 30 characters; also the slug of its GitHub team.</summary>
    public string Team { get; init; } = "";

    /// <summary>Who asks; where tokens are on, the token says it. Never allowed to approve this request.</summary>
    public string Requester { get; init; } = "";

    /// <summary>Language of the golden path.</summary>
    public string Language { get; init; } = Vocabulary.DefaultLanguage;

    /// <summary>Kind of workload.</summary>
    public string Template { get; init; } = Vocabulary.DefaultTemplate;

    /// <summary>Where it shall run; <c>dev</c>, <c>stage</c> and <c>prod</c> are other spellings.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Azure region, for example <c>uksouth</c>; empty means the platform's own.</summary>
    public string Region { get; init; } = "";

    /// <summary>Size of the namespace.</summary>
    public string Plan { get; init; } = Vocabulary.DefaultPlan;

    /// <summary>Who may talk to it.</summary>
    public string NetworkPolicy { get; init; } = Vocabulary.DefaultNetworkPolicy;

    /// <summary>Names of services in the same environment that it calls (at most 20).</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Recovery tier.</summary>
    public string Tier { get; init; } = Vocabulary.DefaultTier;

    /// <summary>Cost centre that pays, for example <c>cc-42</c>.</summary>
    public string CostCenter { get; init; } = "";

    /// <summary>Object id (GUID) of the team's Entra group that gets the namespace.</summary>
    public string EntraGroupId { get; init; } = "";

    /// <summary>The repository wanted.</summary>
    public RepositoryRequest Repository { get; init; } = new();

    /// <summary>What is switched on beside the core.</summary>
    public FeatureRequest Features { get; init; } = new();

    /// <summary>Where to tell the team.</summary>
    public NotificationRequest Notifications { get; init; } = new();
}

/// <summary>The repository part of a request.</summary>
public sealed record RepositoryRequest
{
    /// <summary><c>private</c> (default) or <c>internal</c>.</summary>
    public string Visibility { get; init; } = Vocabulary.DefaultVisibility;

    /// <summary><c>create</c> (default) or <c>adopt</c>: use the service's existing repository and never delete it.</summary>
    public string Mode { get; init; } = Vocabulary.RepositoryCreate;
}

/// <summary>What is switched on beside the core.</summary>
public sealed record FeatureRequest
{
    /// <summary>Dashboard and ServiceMonitor. Default true.</summary>
    public bool Monitoring { get; init; } = true;

    /// <summary>Alert rules; needs monitoring. Default true.</summary>
    public bool Alerts { get; init; } = true;

    /// <summary>Catalog registration. Default true.</summary>
    public bool Catalog { get; init; } = true;

    /// <summary>Delivery: <c>flux</c> (default), <c>argocd</c> or <c>none</c>.</summary>
    public string GitOps { get; init; } = Vocabulary.GitOpsFlux;
}

/// <summary>Where the team wants to hear about it. Addresses only; how to reach a chat is the platform's secret.</summary>
public sealed record NotificationRequest
{
    /// <summary>Channel name such as <c>#payments</c>; empty for none.</summary>
    public string Channel { get; init; } = "";

    /// <summary>Mail address; empty for none.</summary>
    public string Email { get; init; } = "";
}
