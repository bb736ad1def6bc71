using System.Globalization;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>What GitHub's refusals mean. GitHub tells limits, permissions and plans apart by words, all under 403.</summary>
internal static class GitHubErrors
{
    private const string System = "GitHub";
    private static readonly TimeSpan SecondaryLimitWait = TimeSpan.FromSeconds(60);

    /// <param name="reply">The refusal.</param>
    /// <param name="what">Method and path.</param>
    /// <param name="fresh">Whether the repository is so new that "not found" can mean "not yet".</param>
    /// <param name="now">Now.</param>
    public static ApplicationFailureException Classify(ApiReply reply, string what, bool fresh, DateTimeOffset now)
    {
        var message = $"{what}: {Message(reply)}";
        if (reply.Status is 403 or 429 && Limit(reply, now) is { } wait)
            return Failures.RateLimited(System, message, wait, reply.Status);
        return reply.Status switch
        {
            401 => Failures.Of(ErrorTypes.PermissionDenied, System, message, "GitHub refuses the platform's credential; renew it.", 401),
            403 when IsPlanLimit(reply) => Failures.Of(ErrorTypes.PlanUnsupported, System, message, status: 403),
            403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, Permission(reply), 403),
            404 when fresh => Failures.Transient(System, message, 404),
            404 => Failures.Of(ErrorTypes.NotFound, System, message, status: 404),
            409 => Failures.Of(ErrorTypes.Conflict, System, message, status: 409),
            422 when IsPlanLimit(reply) => Failures.Of(ErrorTypes.PlanUnsupported, System, message, status: 422),
            422 when IsEmptyRepository(reply) => Failures.Transient(System, message, 422),
            410 or 451 => Failures.Of(ErrorTypes.PolicyDenied, System, message, status: reply.Status),
            >= 500 or 408 => Failures.Transient(System, message, reply.Status, RetryAfter.Read(reply, now)),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: reply.Status),
        };
    }

    public static bool IsPlanLimit(ApiReply reply) =>
        Mentions(reply, "Upgrade to GitHub") || Mentions(reply, "billing plan");

    public static bool IsNameTaken(ApiReply reply) => reply.Status == 422 && Mentions(reply, "already exists");

    public static bool IsEmptyRepository(ApiReply reply) => Mentions(reply, "empty");

    public static string Message(ApiReply reply)
    {
        var errors = reply.Json.Items("errors").Select(e => e.Text("message") ?? (e is null ? "" : e.ToString())).Where(e => e.Length > 0);
        return string.Join("; ", new[] { reply.Json.Text("message") ?? $"status {reply.Status}" }.Concat(errors));
    }

    /// <summary>How long to leave GitHub alone; null when the refusal isn't about a limit.</summary>
    private static TimeSpan? Limit(ApiReply reply, DateTimeOffset now)
    {
        if (RetryAfter.Read(reply, now) is { } asked)
            return asked;
        if (reply.Header("x-ratelimit-remaining") == "0"
            && long.TryParse(reply.Header("x-ratelimit-reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var reset))
        {
            return RetryAfter.Bound(DateTimeOffset.FromUnixTimeSeconds(reset) - now + TimeSpan.FromSeconds(1));
        }
        return reply.Status == 429 || Mentions(reply, "secondary rate") ? SecondaryLimitWait : null;
    }

    private static string Permission(ApiReply reply) =>
        reply.Header("X-Accepted-GitHub-Permissions") is { Length: > 0 } wanted
            ? $"Grant the platform's GitHub App: {wanted}."
            : "The platform's GitHub credential lacks a permission; grant it, then ask again.";

    private static bool Mentions(ApiReply reply, string words) => reply.Text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
