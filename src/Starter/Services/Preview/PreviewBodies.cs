using System.Text.RegularExpressions;
using Onramp.Starter.Http;
using Onramp.Starter.Security;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Services.Preview;

/// <summary>Checks what is asked, and turns it into what services understand. Every broken rule is named.</summary>
internal static partial class PreviewBodies
{
    public const int MaxLabels = 20;
    private const int MaxPrefixLength = 253;
    private const int MaxKeyLength = 253;

    private static readonly Dictionary<string, ChangeKind> Kinds = new(StringComparer.Ordinal)
    {
        ["configure"] = ChangeKind.Configure,
        ["repair"] = ChangeKind.Repair,
        ["offboard"] = ChangeKind.Quiet,
        ["restore"] = ChangeKind.Restore,
    };

    /// <summary>What a change may be asked for as.</summary>
    public static IReadOnlyCollection<string> KindWords => Kinds.Keys;

    public static ChangeOrder Check(OnboardBody body, Principal by)
    {
        var result = ServiceRequestValidator.Validate(new ServiceRequest
        {
            RequestId = "request",
            Name = body.Name,
            Team = body.Team,
            Environment = body.Environment,
            Description = body.Description,
            Requester = by.Name,
            Repository = new RepositoryRequest { Visibility = body.Visibility },
        });
        Refuse([.. result.Errors.Select(e => e.Field == "repository.visibility" ? e with { Field = "visibility" } : e), .. LabelErrors(body.Labels)]);
        return new ChangeOrder
        {
            Kind = ChangeKind.Onboard,
            Environment = result.Request.Environment,
            Team = result.Request.Team,
            Description = result.Request.Description,
            Visibility = result.Request.Repository.Visibility,
            Labels = new SortedDictionary<string, string>(body.Labels.ToDictionary(), StringComparer.Ordinal),
            AdoptRepository = body.AdoptRepository,
        };
    }

    public static ChangeOrder Check(ChangeBody body)
    {
        var errors = new List<FieldError>();
        if (!Kinds.ContainsKey(body.Kind))
            errors.Add(new("kind", body.Kind.Length == 0 ? "required" : "oneOf", $"kind must be one of {string.Join(", ", Kinds.Keys)}"));
        if (body.Environment.Length == 0 ? body.Kind != "configure" || body.Labels is not null : !Vocabulary.Environments.Contains(body.Environment))
            errors.Add(new("environment", body.Environment.Length == 0 ? "required" : "oneOf", $"environment must be one of {string.Join(", ", Vocabulary.Environments)}"));
        if (body.Visibility is not null && !Vocabulary.Visibilities.Contains(body.Visibility))
            errors.Add(new("visibility", "oneOf", $"visibility must be one of {string.Join(", ", Vocabulary.Visibilities)}"));
        if (body.Description is { } text && (text.Length > ServiceRequestValidator.MaxDescriptionLength || text.Any(char.IsControl)))
            errors.Add(new("description", "length", "description must be one line of at most 200 characters"));
        else if (body.Description is { } whole && !ServiceRequestValidator.IsWhole(whole))
            errors.Add(new("description", "text", "description must be whole characters: it holds half of a surrogate pair"));
        if (body.Kind != "configure" && (body.Visibility ?? body.Description ?? body.Labels as object) is not null)
            errors.Add(new("kind", "configure", "description, visibility and labels go with kind configure alone"));
        errors.AddRange(LabelErrors(body.Labels));
        Refuse(errors);
        return new ChangeOrder
        {
            Kind = Kinds[body.Kind],
            Environment = body.Environment.Length == 0 ? null : body.Environment,
            Description = body.Description,
            Visibility = body.Visibility,
            Labels = body.Labels is { } labels ? new SortedDictionary<string, string>(labels.ToDictionary(), StringComparer.Ordinal) : null,
        };
    }

    /// <summary>Who it is: the token says so; without tokens callers say it themselves.</summary>
    public static Principal PrincipalOf(Caller caller, string by)
    {
        if (caller.IsAuthenticated && by.Length > 0 && !string.Equals(by, caller.Name, StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problems.Invalid("by", "token", "by must be left out or be the token's own login"));
        return caller.IsAuthenticated
            ? new Principal(caller.Name, Principal.Token, caller.Groups)
            : new Principal(by.Length > 0 ? by : caller.Name, Principal.Loopback, caller.Groups);
    }

    public static void CheckService(string name)
    {
        if (!ServiceName().IsMatch(name))
            throw new ProblemException(Problems.UnknownService(name));
    }

    public static void CheckChange(string id)
    {
        if (!ChangeId().IsMatch(id))
            throw new ProblemException(Problems.UnknownChange(id));
    }

    private static IEnumerable<FieldError> LabelErrors(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null)
            yield break;
        if (labels.Count > MaxLabels)
            yield return new("labels", "count", $"labels must be at most {MaxLabels}");
        // They are kept in a ConfigMap, too, whose keys hold no slash and are shorter than a label's name may be.
        foreach (var (name, _) in labels.Where(l => l.Key.Length > MaxKeyLength))
            yield return new($"labels.{name}", "length", $"labels.{name} must be at most {MaxKeyLength} characters with its prefix");
        foreach (var alike in labels.Keys.GroupBy(k => k.Replace('/', '.'), StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return new($"labels.{alike.Last()}", "unique", $"labels must not hold both {string.Join(" and ", alike)}");
        foreach (var (name, value) in labels)
        {
            if (!LabelName().IsMatch(name) || name.IndexOf('/') > MaxPrefixLength)
                yield return new($"labels.{name}", "pattern", $"labels.{name} must be a label's name: at most 63 letters, digits, '-', '_' or '.', with an optional prefix");
            else if (name.StartsWith("platform.io/", StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal) || name.Contains("k8s.io/", StringComparison.Ordinal))
                yield return new($"labels.{name}", "reserved", $"labels.{name} is the platform's own");
            if (value is null || !LabelValue().IsMatch(value))
                yield return new($"labels.{name}", "value", $"labels.{name} must hold at most 63 letters, digits, '-', '_' or '.'");
        }
    }

    private static void Refuse(IReadOnlyList<FieldError> errors)
    {
        if (errors.Count > 0)
            throw new ProblemException(Problems.Invalid(errors));
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]{2,29}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^[0-9a-f]{20}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ChangeId();

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();
}
