using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Http;

/// <summary>An error as callers see it (RFC 9457), with every broken rule by field.</summary>
public sealed record Problem
{
    public const string ContentType = "application/problem+json";

    private const string Carried = "problem";

    /// <summary>Stable kind of the problem, <c>urn:onramp:problem:…</c>.</summary>
    public required string Type { get; init; }

    public required string Title { get; init; }
    public required int Status { get; init; }

    /// <summary>What is wrong and what to do, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>Path of the request.</summary>
    public string? Instance { get; init; }

    /// <summary>Id to find the request in the logs by.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Each broken rule: the field (a path in the body, <c>query.…</c>, or a header's name), the rule, and a sentence.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>The run that stands in the way, when there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Existing { get; init; }

    /// <summary>As the framework carries it: what its own shape has no place for goes along whole.</summary>
    internal ProblemDetails ToDetails()
    {
        var details = new ProblemDetails { Type = Type, Title = Title, Status = Status, Detail = Detail };
        details.Extensions[Carried] = this;
        return details;
    }

    internal ProblemHttpResult ToResult() => TypedResults.Problem(ToDetails());

    internal static Problem? Of(ProblemDetails details) => details.Extensions.TryGetValue(Carried, out var problem) ? problem as Problem : null;
}

/// <summary>Ends a request with a problem.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
