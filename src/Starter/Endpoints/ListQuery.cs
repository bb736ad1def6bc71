using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Endpoints;

/// <summary>The list's query string, checked and turned into a visibility query.</summary>
internal sealed partial record ListQuery(string Visibility, int PageSize, string? PageToken) : IEndpointParameterMetadataProvider
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    /// <summary>Each parameter and what it is, in the order shown to people.</summary>
    private static readonly (string Name, string Description, Func<OpenApiSchema> Schema)[] Parameters =
    [
        ("team", "Services of this team.", NameSchema),
        ("environment", "Services in this environment; dev, stage and prod are understood too.", () => OneOf(Vocabulary.Environments)),
        ("service", "This service, in whichever environments.", NameSchema),
        ("state", "Services in this state, or in this phase; upper and lower case are the same.", () => OneOf(ServiceStates.Words)),
        ("pageSize", "Most services on a page.", () => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = MaxPageSize.ToString(CultureInfo.InvariantCulture),
            Default = JsonValue.Create(DefaultPageSize),
        }),
        ("pageToken", "Where to go on: `nextPageToken` of the page before, with the same filters.", () => new OpenApiSchema { Type = JsonSchemaType.String }),
    ];

    private static readonly string[] Known = [.. Parameters.Select(p => p.Name)];

    public static ValueTask<ListQuery?> BindAsync(HttpContext context) => ValueTask.FromResult<ListQuery?>(Parse(context.Request.Query));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var (name, description, schema) in Parameters)
        {
            builder.Documents(() => new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema() });
        }
        builder.Refuse(Problems.Invalid("query.pageSize", "range", $"pageSize must be a number from 1 to {MaxPageSize}"));
    }

    /// <exception cref="ProblemException">A parameter is unknown, given twice or breaks its rule.</exception>
    public static ListQuery Parse(IQueryCollection query)
    {
        var errors = new List<FieldError>();
        foreach (var (name, values) in query)
        {
            if (!Known.Contains(name, StringComparer.Ordinal))
                errors.Add(new($"query.{name}", "unknown", $"{name} is not a parameter; the parameters are {string.Join(", ", Known)}"));
            else if (values.Count > 1)
                errors.Add(new($"query.{name}", "once", $"{name} must be given once"));
        }
        var parts = new List<string> { $"WorkflowType = '{OnboardingContract.WorkflowType}'" };
        AddName(query, "team", OnboardingSearchAttributes.Team, parts, errors);
        AddName(query, "service", OnboardingSearchAttributes.Service, parts, errors);
        AddEnvironment(query, parts, errors);
        AddState(query, parts, errors);
        var size = PageSizeOf(query, errors);
        var token = query["pageToken"].ToString();
        return errors.Count == 0
            ? new ListQuery(string.Join(" AND ", parts), size, token)
            : throw new ProblemException(Problems.Invalid(errors));
    }

    private static void AddName(IQueryCollection query, string name, string attribute, List<string> parts, List<FieldError> errors)
    {
        var value = query[name].ToString();
        if (value.Length == 0)
            return;
        if (NamePattern().IsMatch(value))
            parts.Add($"{attribute} = '{value}'");
        else
            errors.Add(new($"query.{name}", "pattern", $"{name} must be lower-case letters and digits in words joined by single hyphens"));
    }

    private static void AddEnvironment(IQueryCollection query, List<string> parts, List<FieldError> errors)
    {
        var value = query["environment"].ToString().ToLowerInvariant();
        if (value.Length == 0)
            return;
        value = Vocabulary.EnvironmentAliases.GetValueOrDefault(value, value);
        if (Vocabulary.Environments.Contains(value))
            parts.Add($"{OnboardingSearchAttributes.Environment} = '{value}'");
        else
            errors.Add(new("query.environment", "oneOf", $"environment must be one of {string.Join(", ", Vocabulary.Environments)}"));
    }

    private static void AddState(IQueryCollection query, List<string> parts, List<FieldError> errors)
    {
        var value = query["state"].ToString();
        if (value.Length == 0)
            return;
        if (ServiceStates.QueryFor(value) is { } part)
            parts.Add(part);
        else
            errors.Add(new("query.state", "oneOf", $"state must be one of {string.Join(", ", ServiceStates.Words)}"));
    }

    private static int PageSizeOf(IQueryCollection query, List<FieldError> errors)
    {
        var value = query["pageSize"].ToString();
        if (value.Length == 0)
            return DefaultPageSize;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxPageSize)
            return size;
        errors.Add(new("query.pageSize", "range", $"pageSize must be a number from 1 to {MaxPageSize}"));
        return DefaultPageSize;
    }

    private static OpenApiSchema NameSchema() => new() { Type = JsonSchemaType.String, Pattern = ServiceRequestValidator.NameRule };

    private static OpenApiSchema OneOf(IEnumerable<string> words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))] };

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
