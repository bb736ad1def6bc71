using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using Onramp.Starter.Events;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;

namespace Onramp.Starter.Endpoints;

/// <summary>Header that makes a request count once; null when the caller sent none.</summary>
internal sealed partial record IdempotencyKey(string? Value) : IEndpointParameterMetadataProvider
{
    public const string Header = "Idempotency-Key";

    private const string Rule = "^[!-~]{1,200}$";

    public static ValueTask<IdempotencyKey?> BindAsync(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(Header, out var values))
            return ValueTask.FromResult<IdempotencyKey?>(new IdempotencyKey(Value: null));
        return values is [{ } key] && Pattern().IsMatch(key)
            ? ValueTask.FromResult<IdempotencyKey?>(new IdempotencyKey(key))
            : throw new ProblemException(Broken());
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Documents(() => new OpenApiParameter
        {
            Name = Header,
            In = ParameterLocation.Header,
            Description = "Makes the request count once, whichever starter gets it and however often it is sent. A key belongs to one caller and one "
                + "body: with another body it is refused.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = Rule },
            Example = "3f1c9a52-orders",
        });
        builder.Refuse(Broken(), Problems.KeyReused("orders-development"));
    }

    private static Problem Broken() => Problems.Invalid(Header, "pattern", $"{Header} must be given once and be 1 to 200 visible ASCII characters");

    [GeneratedRegex(@"^[!-~]{1,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>Query parameter that names one run of a service; null means its last.</summary>
internal sealed record RunIdQuery(string? Value) : IEndpointParameterMetadataProvider
{
    private const string Name = "runId";

    public static ValueTask<RunIdQuery?> BindAsync(HttpContext context)
    {
        var value = context.Request.Query[Name].ToString();
        if (value.Length > 0 && !Guid.TryParse(value, out _))
            throw new ProblemException(Broken());
        return ValueTask.FromResult<RunIdQuery?>(new RunIdQuery(value.Length == 0 ? null : value));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Documents(() => new OpenApiParameter
        {
            Name = Name,
            In = ParameterLocation.Query,
            Description = "Which run of the service. Default: the last.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
        });
        builder.Refuse(Broken());
    }

    private static Problem Broken() => Problems.Invalid($"query.{Name}", "guid", $"{Name} must be that of a run of the service");
}

/// <summary>Where a listener was when it lost the stream. An id that is none of ours counts as none: the stream begins anew.</summary>
internal sealed record LastEventId(EventCursor? Cursor) : IEndpointParameterMetadataProvider
{
    private const string Header = "Last-Event-ID";

    public static ValueTask<LastEventId?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<LastEventId?>(new LastEventId(EventCursor.TryParse(context.Request.Headers[Header].ToString())));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Documents(() => new OpenApiParameter
    {
        Name = Header,
        In = ParameterLocation.Header,
        Description = "Id of the last event that the listener saw: the stream goes on after it. Another run's id, or none, begins at the beginning.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    });
}

/// <summary>Number of the last event of a change that a listener saw; 0 when it says none, or none of ours.</summary>
internal sealed record LastChangeEvent(int Number) : IEndpointParameterMetadataProvider
{
    private const string Header = "Last-Event-ID";

    public static ValueTask<LastChangeEvent?> BindAsync(HttpContext context) => ValueTask.FromResult<LastChangeEvent?>(new LastChangeEvent(
        int.TryParse(context.Request.Headers[Header].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Documents(() => new OpenApiParameter
    {
        Name = Header,
        In = ParameterLocation.Header,
        Description = "Id of the last event that the listener saw: the stream goes on after it. None begins at the beginning.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    });
}

/// <summary>Parameters that every request has or may have.</summary>
internal static class CommonParameters
{
    public static readonly DocumentedParameter CorrelationId = new(() => new OpenApiParameter
    {
        Name = Http.CorrelationId.Header,
        In = ParameterLocation.Header,
        Description = "Caller's id of the call, to be found again in logs and in what the run makes; one that breaks the pattern is replaced.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$" },
    });

    public static readonly DocumentedParameter ServiceId = new(() => new OpenApiParameter
    {
        Name = "id",
        In = ParameterLocation.Path,
        Required = true,
        Description = "Name and environment of the service, joined by a hyphen.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = Examples.Id,
    });
}
