using System.Text.RegularExpressions;
using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Validation;

/// <summary>Which rules a run began under. A rule that is added gets a new edition, so that runs under way replay as they began.</summary>
public enum RuleEdition
{
    First,

    /// <summary>What the systems refuse that a name or label is written to later.</summary>
    Systems,
}

/// <summary>
/// The one place that says what a good request is; the starter asks it before starting a run and the workflow asks it
/// again, so that a run started by any other client keeps the same rules. Pure: same request, same answer.
/// </summary>
public static partial class ServiceRequestValidator
{
    public const int MaxNameLength = 30;
    public const int MaxDescriptionLength = 200;
    public const int MaxRequesterLength = 100;
    public const int MaxRequestIdLength = 64;
    public const int MaxDependencies = 20;

    /// <summary>Pattern of the names of services and teams.</summary>
    public const string NameRule = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";

    /// <summary>Prefixes that clusters keep for themselves; the namespace begins with the service's name.</summary>
    public static readonly IReadOnlyList<string> ReservedPrefixes = ["kube-", "openshift-", "istio-"];

    /// <summary>A rule: field, name, the test, the sentence for the caller when the test fails, and since which edition it holds.</summary>
    private sealed record Rule(string Field, string Name, Func<ServiceRequest, bool> Holds, string Message, RuleEdition Since = RuleEdition.First);

    private static readonly Rule[] Rules =
    [
        new("requestId", "pattern", r => RequestIdPattern().IsMatch(r.RequestId), "must be 1 to 64 letters, digits, '.', '_' or '-'"),
        new("name", "required", r => r.Name.Length > 0, "is required"),
        new("name", "length", r => r.Name.Length is 0 or (>= 3 and <= MaxNameLength), "must be 3 to 30 characters long"),
        new("name", "pattern", r => r.Name.Length == 0 || NamePattern().IsMatch(r.Name),
            "must be lower-case letters and digits in words joined by single hyphens, beginning with a letter"),
        new("name", "reserved", r => !ReservedPrefixes.Any(p => r.Name.StartsWith(p, StringComparison.Ordinal)),
            "must not begin with 'kube-', 'openshift-' or 'istio-'"),
        new("name", "yamlWord", r => !ReservedWords.IsYamlWord(r.Name), ReservedWords.YamlMessage, RuleEdition.Systems),
        new("name", "azureReserved", r => !ReservedWords.IsAzureReserved(r.Name), ReservedWords.AzureMessage, RuleEdition.Systems),
        new("description", "length", r => r.Description.Length <= MaxDescriptionLength, "must be at most 200 characters long"),
        new("description", "pattern", r => !r.Description.Any(char.IsControl), "must be one line without control characters"),
        new("description", "text", r => IsWhole(r.Description), "must be whole characters: it holds half of a surrogate pair", RuleEdition.Systems),
        new("team", "required", r => r.Team.Length > 0, "is required"),
        new("team", "length", r => r.Team.Length is 0 or (>= 2 and <= MaxNameLength), "must be 2 to 30 characters long"),
        new("team", "pattern", r => r.Team.Length == 0 || NamePattern().IsMatch(r.Team),
            "must be lower-case letters and digits in words joined by single hyphens, beginning with a letter"),
        new("team", "yamlWord", r => !ReservedWords.IsYamlWord(r.Team), ReservedWords.YamlMessage, RuleEdition.Systems),
        new("requester", "required", r => r.Requester.Length > 0, "is required"),
        new("requester", "pattern", r => r.Requester.Length == 0 || RequesterPattern().IsMatch(r.Requester),
            "must be a login or mail address of at most 100 characters"),
        OneOf("language", Vocabulary.Languages, r => r.Language),
        OneOf("template", Vocabulary.Templates, r => r.Template),
        new("environment", "required", r => r.Environment.Length > 0, "is required"),
        new("environment", "oneOf", r => r.Environment.Length == 0 || Vocabulary.Environments.Contains(r.Environment),
            Words(Vocabulary.Environments)),
        new("region", "pattern", r => r.Region.Length == 0 || RegionPattern().IsMatch(r.Region),
            "must be an Azure region such as 'uksouth'"),
        OneOf("plan", Vocabulary.Plans, r => r.Plan),
        OneOf("networkPolicy", Vocabulary.NetworkPolicies, r => r.NetworkPolicy),
        new("dependencies", "count", r => r.Dependencies.Count <= MaxDependencies, "must name at most 20 services"),
        new("dependencies", "unique", r => r.Dependencies.Distinct(StringComparer.Ordinal).Count() == r.Dependencies.Count,
            "must name each service once"),
        new("dependencies", "self", r => !r.Dependencies.Contains(r.Name), "must not name the service itself"),
        OneOf("tier", Vocabulary.Tiers, r => r.Tier),
        new("costCenter", "pattern", r => r.CostCenter.Length == 0 || CostCenterPattern().IsMatch(r.CostCenter),
            "must be 1 to 30 lower-case letters, digits or hyphens"),
        new("costCenter", "labelValue", r => !r.CostCenter.EndsWith('-'),
            "must end with a letter or digit, since it becomes a Kubernetes label", RuleEdition.Systems),
        new("entraGroupId", "guid", r => r.EntraGroupId.Length == 0 || Guid.TryParseExact(r.EntraGroupId, "D", out _),
            "must be the group's object id, a GUID"),
        OneOf("repository.visibility", Vocabulary.Visibilities, r => r.Repository.Visibility),
        OneOf("repository.mode", Vocabulary.RepositoryModes, r => r.Repository.Mode),
        OneOf("features.gitOps", Vocabulary.GitOpsKinds, r => r.Features.GitOps),
        new("features.alerts", "needs", r => !r.Features.Alerts || r.Features.Monitoring, "needs features.monitoring"),
        new("notifications.channel", "pattern", r => r.Notifications.Channel.Length == 0 || ChannelPattern().IsMatch(r.Notifications.Channel),
            "must be a channel name such as '#payments'"),
        new("notifications.email", "pattern", r => r.Notifications.Email.Length == 0 || EmailPattern().IsMatch(r.Notifications.Email),
            "must be a mail address"),
    ];

    /// <summary>Brings a request to normal form (trimmed, lower case where case carries nothing, aliases resolved) and checks it.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="edition">Rules younger than this are left out: runs that began under an older edition keep it. Default: all rules.</param>
    public static ValidationResult Validate(ServiceRequest request, RuleEdition edition = RuleEdition.Systems)
    {
        var normal = Normalize(request);
        var errors = Rules.Where(rule => rule.Since <= edition && !rule.Holds(normal))
            .Select(rule => new FieldError(rule.Field, rule.Name, $"{rule.Field} {rule.Message}"))
            .Concat(DependencyErrors(normal))
            .ToList();
        return new ValidationResult(normal, errors);
    }

    /// <summary>All errors in one sentence each, for a failure message.</summary>
    public static string Describe(IEnumerable<FieldError> errors) => string.Join("; ", errors.Select(e => e.Message));

    private static IEnumerable<FieldError> DependencyErrors(ServiceRequest request) =>
        request.Dependencies
            .Select((name, index) => (name, field: $"dependencies[{index}]"))
            .Where(d => d.name.Length is < 3 or > MaxNameLength || !NamePattern().IsMatch(d.name))
            .Select(d => new FieldError(d.field, "pattern", $"{d.field} must be the name of a service"));

    private static ServiceRequest Normalize(ServiceRequest r)
    {
        var environment = Trim(r.Environment).ToLowerInvariant();
        return r with
        {
            RequestId = Trim(r.RequestId),
            Name = Trim(r.Name),
            Description = Trim(r.Description),
            Team = Trim(r.Team),
            Requester = Trim(r.Requester),
            Language = Word(r.Language),
            Template = Word(r.Template),
            Environment = Vocabulary.EnvironmentAliases.GetValueOrDefault(environment, environment),
            Region = Word(r.Region),
            Plan = Word(r.Plan),
            NetworkPolicy = Word(r.NetworkPolicy),
            Dependencies = (r.Dependencies ?? []).Select(Trim).ToArray(),
            Tier = Word(r.Tier),
            CostCenter = Trim(r.CostCenter),
            EntraGroupId = Word(r.EntraGroupId),
            Repository = new RepositoryRequest { Visibility = Word(r.Repository?.Visibility), Mode = Word(r.Repository?.Mode) },
            Features = (r.Features ?? new FeatureRequest()) with { GitOps = Word(r.Features?.GitOps) },
            Notifications = new NotificationRequest { Channel = Trim(r.Notifications?.Channel), Email = Trim(r.Notifications?.Email) },
        };
    }

    /// <summary>Whether a text can be written as UTF-8, which knows no half characters.</summary>
    public static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                return false;
        }
        return true;
    }

    private static string Trim(string? value) => value?.Trim() ?? "";

    private static string Word(string? value) => Trim(value).ToLowerInvariant();

    private static Rule OneOf(string field, IReadOnlyList<string> words, Func<ServiceRequest, string> value) =>
        new(field, "oneOf", r => words.Contains(value(r)), Words(words));

    private static string Words(IReadOnlyList<string> words) => $"must be one of {string.Join(", ", words)}";

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RequestIdPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@+:/-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RequesterPattern();

    [GeneratedRegex(@"^[a-z][a-z0-9]{2,29}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RegionPattern();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,29}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CostCenterPattern();

    [GeneratedRegex(@"^#[a-z0-9][a-z0-9._-]{0,78}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ChannelPattern();

    [GeneratedRegex(@"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex EmailPattern();
}
