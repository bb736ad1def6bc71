using Microsoft.AspNetCore.Http;
using Onramp.Workflows.Validation;

namespace Onramp.Starter.Http;

/// <summary>Every problem that the API answers with, in one place.</summary>
public static class Problems
{
    private const string Prefix = "urn:onramp:problem:";

    public static Problem Invalid(IReadOnlyList<FieldError> errors) =>
        Make("invalid-request", "The request breaks rules", StatusCodes.Status400BadRequest,
            string.Join("; ", errors.Select(e => e.Message)) + ".", errors);

    public static Problem Invalid(string field, string rule, string message) => Invalid([new FieldError(field, rule, message)]);

    public static Problem BrokenJson(string message, string field) =>
        Make("broken-json", "The body is not JSON", StatusCodes.Status400BadRequest, message, [new FieldError(field, "json", message)]);

    public static Problem BodyTooLarge(int limit) =>
        Make("body-too-large", "The body is too large", StatusCodes.Status413PayloadTooLarge,
            $"The body must be at most {limit} bytes.", [new FieldError("body", "size", $"body must be at most {limit} bytes")]);

    public static Problem UnsupportedMediaType(string? got) =>
        Make("unsupported-media-type", "The content type is not supported", StatusCodes.Status415UnsupportedMediaType,
            $"Content-Type must be application/json{(string.IsNullOrEmpty(got) ? ", but is missing" : $", not '{Shorten(got)}'")}.",
            [new FieldError("Content-Type", "oneOf", "Content-Type must be application/json")]);

    public static Problem Unauthorized(bool missing) =>
        Make("unauthorized", "A token is needed", StatusCodes.Status401Unauthorized,
            missing ? "Send 'Authorization: Bearer TOKEN'." : "The token is not one that this API knows.",
            [new FieldError("Authorization", missing ? "required" : "known", "Authorization must hold a known bearer token")]);

    public static Problem Forbidden(string field, string rule, string message) =>
        Make("forbidden", "Not allowed", StatusCodes.Status403Forbidden, $"{message}.", [new FieldError(field, rule, message)]);

    public static Problem TooManyRequests(string what) =>
        Make("too-many-requests", "Too many requests", StatusCodes.Status429TooManyRequests, what, []);

    public static Problem UnknownService(string id) =>
        Make("unknown-service", "No such service", StatusCodes.Status404NotFound,
            $"There is no service '{Shorten(id)}'.", [new FieldError("id", "exists", "id must be that of a service asked for before")]);

    public static Problem UnknownPath(string path) =>
        Make("unknown-path", "No such resource", StatusCodes.Status404NotFound, $"There is nothing at '{Shorten(path)}'.", []);

    public static Problem MethodNotAllowed(string method) =>
        Make("method-not-allowed", "Method not allowed", StatusCodes.Status405MethodNotAllowed, $"{method} is not possible here.", []);

    public static Problem Conflict(string kind, string title, string detail, FieldError error, string? existing = null) =>
        Make(kind, title, StatusCodes.Status409Conflict, detail, [error]) with { Existing = existing };

    public static Problem KeyReused(string existing) =>
        Make("idempotency-key-reused", "The idempotency key belongs to another request", StatusCodes.Status422UnprocessableEntity,
            "This Idempotency-Key was sent before with a different body. Send a new key, or the same body again.",
            [new FieldError("Idempotency-Key", "sameBody", "Idempotency-Key must not be sent again with a different body")]) with { Existing = existing };

    public static Problem Unavailable(string what) =>
        Make("unavailable", "Temporarily unavailable", StatusCodes.Status503ServiceUnavailable, what, []);

    public static Problem Unexpected() =>
        Make("unexpected", "Something went wrong", StatusCodes.Status500InternalServerError,
            "The request failed in an unexpected way; the log holds the cause under the correlation id.", []);

    private static Problem Make(string kind, string title, int status, string detail, IReadOnlyList<FieldError> errors) =>
        new() { Type = Prefix + kind, Title = title, Status = status, Detail = detail, Errors = errors };

    /// <summary>Callers' own words are repeated to them, but not without end.</summary>
    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
