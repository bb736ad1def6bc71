using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Onramp.Starter.Services;
using Onramp.Starter.Services.Preview;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.OpenApi;

/// <summary>
/// The rules of requests that a schema can tell: a request that breaks one is refused. Words are in normal form; the API
/// understands them in any case.
/// </summary>
internal static class RequestSchemas
{
    private static readonly Dictionary<Type, string[]> RequiredOf = new()
    {
        [typeof(ServiceRequest)] = ["name", "team", "environment"],
        [typeof(RepositoryRequest)] = [],
        [typeof(FeatureRequest)] = [],
        [typeof(NotificationRequest)] = [],
        [typeof(ApprovalBody)] = ["verdict", "planDigest"],
        [typeof(OnboardBody)] = ["name", "team", "environment"],
        [typeof(ChangeBody)] = ["kind"],
        [typeof(DecisionBody)] = ["verdict", "planDigest"],
        [typeof(OperationBody)] = ["verb"],
        [typeof(HoldBody)] = ["verb"],
    };

    private static readonly Dictionary<(Type Type, string Field), Action<OpenApiSchema>> RuleOf = new()
    {
        [(typeof(ServiceRequest), "requestId")] = s => s.Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        [(typeof(ServiceRequest), "name")] = s => Name(s, minLength: 3),
        [(typeof(ServiceRequest), "team")] = s => Name(s, minLength: 2),
        [(typeof(ServiceRequest), "description")] = s => s.MaxLength = ServiceRequestValidator.MaxDescriptionLength,
        [(typeof(ServiceRequest), "requester")] = s => s.MaxLength = ServiceRequestValidator.MaxRequesterLength,
        [(typeof(ServiceRequest), "language")] = s => OneOf(s, Vocabulary.Languages, Vocabulary.DefaultLanguage),
        [(typeof(ServiceRequest), "template")] = s => OneOf(s, Vocabulary.Templates, Vocabulary.DefaultTemplate),
        [(typeof(ServiceRequest), "environment")] = s => OneOf(s, [.. Vocabulary.Environments, .. Vocabulary.EnvironmentAliases.Keys]),
        [(typeof(ServiceRequest), "plan")] = s => OneOf(s, Vocabulary.Plans, Vocabulary.DefaultPlan),
        [(typeof(ServiceRequest), "networkPolicy")] = s => OneOf(s, Vocabulary.NetworkPolicies, Vocabulary.DefaultNetworkPolicy),
        [(typeof(ServiceRequest), "tier")] = s => OneOf(s, Vocabulary.Tiers, Vocabulary.DefaultTier),
        [(typeof(ServiceRequest), "dependencies")] = s =>
        {
            s.MaxItems = ServiceRequestValidator.MaxDependencies;
            s.UniqueItems = true;
        },
        [(typeof(RepositoryRequest), "visibility")] = s => OneOf(s, Vocabulary.Visibilities, Vocabulary.DefaultVisibility),
        [(typeof(RepositoryRequest), "mode")] = s => OneOf(s, Vocabulary.RepositoryModes, Vocabulary.RepositoryCreate),
        [(typeof(FeatureRequest), "gitOps")] = s => OneOf(s, Vocabulary.GitOpsKinds, Vocabulary.GitOpsFlux),
        [(typeof(FeatureRequest), "monitoring")] = s => s.Default = true,
        [(typeof(FeatureRequest), "alerts")] = s => s.Default = true,
        [(typeof(FeatureRequest), "catalog")] = s => s.Default = true,
        [(typeof(ApprovalBody), "verdict")] = s => OneOf(s, ["approve", "reject"]),
        [(typeof(ApprovalBody), "planDigest")] = s => s.Pattern = "^[0-9a-fA-F]{64}$",
        [(typeof(ApprovalBody), "comment")] = s => s.MaxLength = Approvals.MaxCommentLength,
        [(typeof(ApprovalBody), "groups")] = s => s.MaxItems = Approvals.MaxGroups,
        [(typeof(OnboardBody), "name")] = s => Name(s, minLength: 3),
        [(typeof(OnboardBody), "team")] = s => Name(s, minLength: 2),
        [(typeof(OnboardBody), "environment")] = s => OneOf(s, [.. Vocabulary.Environments, .. Vocabulary.EnvironmentAliases.Keys]),
        [(typeof(OnboardBody), "description")] = s => s.MaxLength = ServiceRequestValidator.MaxDescriptionLength,
        [(typeof(OnboardBody), "visibility")] = s => OneOf(s, Vocabulary.Visibilities, Vocabulary.DefaultVisibility),
        [(typeof(OnboardBody), "labels")] = s => s.MaxProperties = PreviewBodies.MaxLabels,
        [(typeof(ChangeBody), "kind")] = s => OneOf(s, PreviewBodies.KindWords),
        [(typeof(ChangeBody), "environment")] = s => OneOf(s, Vocabulary.Environments),
        [(typeof(ChangeBody), "description")] = s => s.MaxLength = ServiceRequestValidator.MaxDescriptionLength,
        [(typeof(ChangeBody), "visibility")] = s => OneOf(s, Vocabulary.Visibilities),
        [(typeof(ChangeBody), "labels")] = s => s.MaxProperties = PreviewBodies.MaxLabels,
        [(typeof(DecisionBody), "verdict")] = s => OneOf(s, ["approve", "reject"]),
        [(typeof(DecisionBody), "planDigest")] = s => s.Pattern = "^[0-9a-fA-F]{64}$",
        [(typeof(OperationBody), "verb")] = s => OneOf(s, PreviewCommands.Verbs),
        [(typeof(HoldBody), "verb")] = s => OneOf(s, [HoldBody.Hold, HoldBody.Release]),
        [(typeof(HoldBody), "reason")] = s => s.MaxLength = PreviewHolds.MaxReasonLength,
    };

    public static void Constrain(OpenApiSchema schema, Type type)
    {
        if (!RequiredOf.TryGetValue(type, out var required))
            return;
        schema.AdditionalPropertiesAllowed = false;
        schema.Required = required.ToHashSet(StringComparer.Ordinal);
        foreach (var (field, property) in schema.Properties!)
        {
            if (property is OpenApiSchema changeable && RuleOf.TryGetValue((type, field), out var rule))
                rule(changeable);
        }
    }

    private static void Name(OpenApiSchema schema, int minLength)
    {
        schema.Pattern = ServiceRequestValidator.NameRule;
        schema.MinLength = minLength;
        schema.MaxLength = ServiceRequestValidator.MaxNameLength;
    }

    private static void OneOf(OpenApiSchema schema, IEnumerable<string> words, string? otherwise = null)
    {
        schema.Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))];
        schema.Default = otherwise;
    }
}
