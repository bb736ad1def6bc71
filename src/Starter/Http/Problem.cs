using System.Text.Json.Serialization;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Http;

/// <summary>An error as callers see it (RFC 9457), with every broken rule by field.</summary>
public sealed record Problem
{
    public const string ContentType = "application/problem+json";

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
}

/// <summary>Ends a request with a problem.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
