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

    public static Problem Invalid(string field, string rule, string message) => Invalid(new FieldError(field, rule, message));

    public static Problem Invalid(FieldError error) => Invalid([error]);

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

    /// <summary>A decision by the one who asked.</summary>
    public static Problem SelfApproval() => Forbidden("approver", "notRequester", "approver must not be the one who asked for the service");

    public static Problem NotInGroup(IReadOnlyList<string> asked) =>
        Forbidden("groups", "asked", asked.Count == 0
            ? "groups must hold one that policy asks for"
            : $"groups must hold one that policy asks for: {string.Join(", ", asked)}");

    public static Problem TooManyRequests(int waitSeconds) => TooMany($"Too many requests; try again in {waitSeconds} s.");

    public static Problem TooManyStreams() => TooMany("Too many event streams are open; try again later.");

    public static Problem UnknownService(string id) =>
        Make("unknown-service", "No such service", StatusCodes.Status404NotFound,
            $"There is no service '{Shorten(id)}'.", [new FieldError("id", "exists", "id must be that of a service asked for before")]);

    public static Problem UnknownPath(string path) =>
        Make("unknown-path", "No such resource", StatusCodes.Status404NotFound, $"There is nothing at '{Shorten(path)}'.", []);

    public static Problem MethodNotAllowed(string method) =>
        Make("method-not-allowed", "Method not allowed", StatusCodes.Status405MethodNotAllowed, $"{method} is not possible here.", []);

    public static Problem ServiceInFlight(string id) =>
        Conflict("service-in-flight", "The service is being onboarded already",
            $"'{id}' is being onboarded with a different request. Wait for it to end, or cancel it.",
            new FieldError("name", "unique", "name must not be that of a service being onboarded with a different request"), id);

    public static Problem ServiceExists(string id) =>
        Conflict("service-exists", "The service exists already", $"'{id}' was onboarded before with a different request.",
            new FieldError("name", "unique", "name must not be that of an onboarded service in the same environment"), id);

    public static Problem NotInFlight(string id, string how) =>
        Conflict("not-in-flight", "The service is not in flight", $"'{id}' {how}.",
            new FieldError("id", "inFlight", "id must be that of a service being onboarded"), id);

    public static Problem NotAwaitingApproval(string id, string state) =>
        Conflict("not-awaiting-approval", "Nobody's approval is awaited", $"'{id}' does not wait for approval ({state}).",
            new FieldError("id", "awaitingApproval", "id must be that of a service that waits for approval"), id);

    public static Problem OtherPlan() =>
        Conflict("other-plan", "The plan is another one", "The plan that waits for approval is not the one decided on; look at it again.",
            new FieldError("planDigest", "current", "planDigest must be that of the plan that waits for approval"));

    /// <summary>The service's own word on a request or a command.</summary>
    public static Problem Refused(string rule, string message) =>
        Conflict("refused", "The service refuses it", message, new FieldError("kind", rule, message));

    public static Problem UnknownChange(string id) =>
        Make("unknown-change", "No such change", StatusCodes.Status404NotFound, $"There is no change '{Shorten(id)}' of this service.",
            [new FieldError("changeId", "known", "changeId must be that of a change of this service")]);

    public static Problem KeyReused(string existing) =>
        Make("idempotency-key-reused", "The idempotency key belongs to another request", StatusCodes.Status422UnprocessableEntity,
            "This Idempotency-Key was sent before with a different body. Send a new key, or the same body again.",
            [new FieldError("Idempotency-Key", "sameBody", "Idempotency-Key must not be sent again with a different body")]) with { Existing = existing };

    public static Problem DecisionIdReused(string decisionId) =>
        Make("decision-id-reused", "The decision id belongs to another decision", StatusCodes.Status422UnprocessableEntity,
            $"decisionId '{Shorten(decisionId)}' was used before by another person, for the other verdict or for another plan. Send a new one.",
            [new FieldError("decisionId", "sameDecision", "decisionId must not be used again for another decision")]);

    public static Problem Unavailable(string what) =>
        Make("unavailable", "Temporarily unavailable", StatusCodes.Status503ServiceUnavailable, what, []);

    public static Problem Unexpected() =>
        Make("unexpected", "Something went wrong", StatusCodes.Status500InternalServerError,
            "The request failed in an unexpected way; the log holds the cause under the correlation id.", []);

    private static Problem TooMany(string detail) =>
        Make("too-many-requests", "Too many requests", StatusCodes.Status429TooManyRequests, detail, []);

    private static Problem Conflict(string kind, string title, string detail, FieldError error, string? existing = null) =>
        Make(kind, title, StatusCodes.Status409Conflict, detail, [error]) with { Existing = existing };

    private static Problem Make(string kind, string title, int status, string detail, IReadOnlyList<FieldError> errors) =>
        new() { Type = Prefix + kind, Title = title, Status = status, Detail = detail, Errors = errors };

    /// <summary>Callers' own words are repeated to them, but not without end.</summary>
    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
