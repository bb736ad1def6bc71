using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Endpoints;

/// <summary>Parameters in the paths of the preview.</summary>
internal static class PreviewParameters
{
    public static readonly DocumentedParameter Service = new(() => new OpenApiParameter
    {
        Name = "service",
        In = ParameterLocation.Path,
        Required = true,
        Description = "Name of the service.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = ServiceRequestValidator.NameRule },
        Example = PreviewExamples.Service,
    });

    public static readonly DocumentedParameter ChangeId = new(() => new OpenApiParameter
    {
        Name = "changeId",
        In = ParameterLocation.Path,
        Required = true,
        Description = "Id of the change, as it was answered when it was asked for.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[0-9a-f]{20}$" },
        Example = PreviewExamples.ChangeId,
    });
}

/// <summary>The list's query string, checked.</summary>
internal sealed partial record PreviewListQuery(string? Team, string? PageToken) : IEndpointParameterMetadataProvider
{
    private const string TeamName = "team";
    private const string TokenName = "pageToken";

    public static ValueTask<PreviewListQuery?> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var errors = new List<FieldError>();
        foreach (var (name, values) in query)
        {
            if (name is not (TeamName or TokenName))
                errors.Add(new($"query.{name}", "unknown", $"{name} is not a parameter; the parameters are {TeamName}, {TokenName}"));
            else if (values.Count > 1)
                errors.Add(new($"query.{name}", "once", $"{name} must be given once"));
        }
        var team = query[TeamName].ToString();
        if (team.Length > 0 && !TeamPattern().IsMatch(team))
            errors.Add(BadTeam());
        var token = query[TokenName].ToString();
        return errors.Count == 0
            ? ValueTask.FromResult<PreviewListQuery?>(new PreviewListQuery(team.Length == 0 ? null : team, token))
            : throw new ProblemException(Problems.Invalid(errors));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Documents(() => new OpenApiParameter
        {
            Name = TeamName,
            In = ParameterLocation.Query,
            Description = "Services of this team. Default: of every team.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = ServiceRequestValidator.NameRule },
        });
        builder.Documents(() => new OpenApiParameter
        {
            Name = TokenName,
            In = ParameterLocation.Query,
            Description = "Where to go on: `nextPageToken` of the page before, with the same team.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        builder.Refuse(Problems.Invalid(BadTeam()), Problems.Invalid(PageTokens.NotIssued));
    }

    private static FieldError BadTeam() => new($"query.{TeamName}", "pattern", $"{TeamName} must be lower-case letters and digits in words joined by single hyphens");

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex TeamPattern();
}
