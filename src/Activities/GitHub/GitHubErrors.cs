using System.Globalization;
using System.Text.RegularExpressions;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>What GitHub's refusals mean. GitHub tells limits, permissions and plans apart by words, all under 403.</summary>
internal static partial class GitHubErrors
{
    public const string System = "GitHub";

    /// <summary>
    /// How GitHub words what a branch's protection or a ruleset forbids, under the same statuses as what time or another try would heal.
    /// </summary>
    private static readonly string[] Rules =
    [
        "rule violation", "through a pull request", "protected branch", "status check", "approving review", "verified signatures",
        "merge commits", "branch is locked", "locked branch", "protected ref", "not authorized to push",
    ];

    /// <summary>
    /// Refusals that only words tell apart, in the order in which they are looked for: under these statuses, with these words, they are this, and
    /// that heals them.
    /// </summary>
    private static readonly (int[] Statuses, string Words, string Type, string? Remediation)[] Known =
    [
        ([403, 422], "Upgrade to GitHub", ErrorTypes.PlanUnsupported, null),
        ([403, 422], "billing plan", ErrorTypes.PlanUnsupported, null),
        ([403, 422], "associated with an enterprise", ErrorTypes.PlanUnsupported, "Ask for another repository.visibility: the organization has no internal repositories."),
        ([403], "was archived", ErrorTypes.PolicyDenied, "Unarchive the repository, then ask again."),
        ([403, 451], "access blocked", ErrorTypes.PolicyDenied, "GitHub has blocked the repository; its owner has to see to that with GitHub."),
        ([422], "requires an explicit value", ErrorTypes.PolicyDenied,
            "The organization wants a custom property on every new repository: give it a default value there, or don't require it."),
        ([403], "SAML", ErrorTypes.PermissionDenied, "Authorize the platform's credential for the organization's SAML single sign-on."),
        ([403], "IP allow list", ErrorTypes.PermissionDenied, "Put the worker's address on the organization's IP allow list."),
        ([403], "suspended", ErrorTypes.PermissionDenied, "Have the installation of the platform's GitHub App taken up again: it is suspended."),
    ];

    /// <summary>How GitHub words its secondary limits, over the years and under whichever status.</summary>
    private static readonly string[] Limits = ["secondary rate", "abuse detection", "submitted too quickly"];

    private static readonly TimeSpan SecondaryLimitWait = TimeSpan.FromSeconds(60);

    /// <param name="reply">The refusal.</param>
    /// <param name="what">Method and path.</param>
    /// <param name="fresh">Whether the repository is so new that "not found" can mean "not yet".</param>
    /// <param name="now">Now.</param>
    public static ApplicationFailureException Classify(ApiReply reply, string what, bool fresh, DateTimeOffset now)
    {
        var message = $"{what}: {Message(reply)}";
        if ((reply.Status is 403 or 429 || (reply.Status == 422 && IsLimit(reply))) && Limit(reply, now) is { } wait)
            return Failures.RateLimited(System, message, wait, reply.Status);
        var (type, remediation) = Meaning(reply, fresh);
        return Failures.Of(type, System, message, remediation, reply.Status, type == ErrorTypes.Transient ? RetryAfter.Read(reply, now) : null);
    }

    private static (string Type, string? Remediation) Meaning(ApiReply reply, bool fresh) => reply.Status switch
    {
        401 => (ErrorTypes.PermissionDenied, "GitHub refuses the platform's credential; renew it."),
        _ when Known.FirstOrDefault(k => k.Statuses.Contains(reply.Status) && Mentions(reply, k.Words)) is { Type: not null } known => (known.Type, known.Remediation),
        403 or 409 or 422 when Rules.Any(r => Mentions(reply, r)) =>
            (ErrorTypes.PolicyDenied, "Let the platform's GitHub App go past the rule, or make the change by a pull request and ask again."),
        403 => (ErrorTypes.PermissionDenied, Permission(reply)),
        404 => (fresh ? ErrorTypes.Transient : ErrorTypes.NotFound, null),
        409 => (ErrorTypes.Conflict, null),
        422 when Mentions(reply, "empty") => (ErrorTypes.Transient, null),
        410 or 451 => (ErrorTypes.PolicyDenied, null),
        >= 500 or 408 => (ErrorTypes.Transient, null),
        _ => (ErrorTypes.Validation, null),
    };

    private static string Message(ApiReply reply)
    {
        var errors = reply.Json.Items("errors").Select(e => e.Text("message") ?? (e is null ? "" : e.ToString())).Where(e => e.Length > 0);
        var text = string.Join("; ", new[] { reply.Json.Text("message") ?? $"status {reply.Status}" }.Concat(errors));
        return Credential().Replace(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), "***");
    }

    /// <summary>GitHub's tokens and JWTs: proxies before it are known to answer with the request that they refuse.</summary>
    [GeneratedRegex(@"\b(?:gh[a-z]_|github_pat_|eyJ)[A-Za-z0-9_.\-]+")]
    private static partial Regex Credential();

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
        return reply.Status == 429 || IsLimit(reply) ? SecondaryLimitWait : null;
    }

    private static bool IsLimit(ApiReply reply) => Limits.Any(l => Mentions(reply, l));

    private static string Permission(ApiReply reply) =>
        reply.Header("X-Accepted-GitHub-Permissions") is { Length: > 0 } wanted
            ? $"Grant the platform's GitHub App: {wanted}."
            : "The platform's GitHub credential lacks a permission; grant it, then ask again.";

    private static bool Mentions(ApiReply reply, string words) => reply.Text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
