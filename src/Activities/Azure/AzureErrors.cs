using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Azure;

/// <summary>
/// What Azure's refusals mean. Decided by error code before status: a failure found while polling an operation comes with the
/// poll's status, which is 200.
/// </summary>
internal static partial class AzureErrors
{
    /// <summary>How long a new role assignment may take to be known everywhere; a refusal within this time of a step's begin may go away.</summary>
    public static readonly TimeSpan GrantPropagation = TimeSpan.FromMinutes(5);

    /// <summary>How long a principal may be unknown to role assignments; one that is unknown for longer isn't there.</summary>
    public static readonly TimeSpan PrincipalReplication = TimeSpan.FromMinutes(10);

    /// <summary>How long what a run has made may not be seen; what isn't seen for longer was taken away.</summary>
    public static readonly TimeSpan Replication = TimeSpan.FromMinutes(5);

    /// <summary>How long a provider's registration is left alone.</summary>
    public static readonly TimeSpan RegistrationWait = TimeSpan.FromSeconds(10);

    private const string System = "Azure";

    /// <summary>How long an error that time heals is left alone.</summary>
    private static readonly TimeSpan ReplicationWait = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, (string Type, string Remediation)> Codes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AuthorizationFailed"] = (ErrorTypes.PermissionDenied, "Give the platform's identity the role that the message names."),
        ["LinkedAuthorizationFailed"] = (ErrorTypes.PermissionDenied, "Give the platform's identity the role that the message names."),
        ["InvalidAuthenticationToken"] = (ErrorTypes.PermissionDenied, "Azure refuses the platform's credential; renew it."),
        ["ExpiredAuthenticationToken"] = (ErrorTypes.Transient, ""),
        ["RequestDisallowedByPolicy"] = (ErrorTypes.PolicyDenied, "An Azure policy refuses this; the message names it."),
        ["RequestDisallowedByAzure"] = (ErrorTypes.PolicyDenied, "Azure doesn't take this from the subscription here; ask for another region."),
        ["DenyAssignmentAuthorizationFailed"] = (ErrorTypes.PolicyDenied, "A deny assignment forbids this; the message names it."),
        ["ReadOnlyDisabledSubscription"] = (ErrorTypes.PolicyDenied, "The subscription is disabled; have its owner see to that."),
        ["SubscriptionNotActive"] = (ErrorTypes.PolicyDenied, "The subscription is disabled; have its owner see to that."),
        ["ScopeLocked"] = (ErrorTypes.PolicyDenied, "A lock on the scope prevents this; have its owner remove it."),
        ["InvalidResourceLocation"] = (ErrorTypes.OwnedByOther, "It exists in another region already."),
        ["InvalidResourceGroupLocation"] = (ErrorTypes.OwnedByOther, "It exists in another region already."),
        ["VaultAlreadyExists"] = (ErrorTypes.NameTaken, ""),
        ["AlreadyInUse"] = (ErrorTypes.NameTaken, ""),
        ["ResourceGroupBeingDeleted"] = (ErrorTypes.Transient, ""),
        ["AnotherOperationInProgress"] = (ErrorTypes.Transient, ""),
        ["ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"] = (ErrorTypes.Transient, ""),
        ["PrincipalNotFound"] = (ErrorTypes.Transient, ""),
        ["RoleDefinitionDoesNotExist"] = (ErrorTypes.NotFound, ""),
        ["SkuNotAvailable"] = (ErrorTypes.PlanUnsupported, ""),
        ["LocationNotAvailableForResourceType"] = (ErrorTypes.Validation, "Ask for another region."),
        ["SubscriptionNotFound"] = (ErrorTypes.NotFound, "Check the subscription in the platform's settings."),
        ["Conflict"] = (ErrorTypes.Conflict, ""),
    };

    private static readonly string[] Unregistered = ["MissingSubscriptionRegistration", "SubscriptionNotRegistered"];
    private static readonly string[] Quotas = ["QuotaExceeded", "LimitExceeded", "QuotaReached"];

    /// <summary>Entra ID's codes of what it says to try again.</summary>
    private static readonly string[] LoginsToTryAgain = ["AADSTS90033", "AADSTS90024", "AADSTS90025"];

    private static readonly string[] Unauthorized = ["AuthorizationFailed", "LinkedAuthorizationFailed"];

    /// <summary>The provider that a refused call wants registered, from the refusal's words or else the path; null for any other refusal.</summary>
    public static string? UnregisteredProvider(RequestFailedException e, string path)
    {
        if (!Unregistered.Contains(e.ErrorCode, StringComparer.OrdinalIgnoreCase))
            return null;
        var named = NamedNamespace().Match(e.Message);
        var provider = named.Success ? named : Provider().Matches(path).LastOrDefault();
        return provider?.Groups[1].Value;
    }

    /// <summary>Runs a call and turns what it throws into a failure of a step that has been tried for <paramref name="age"/>.</summary>
    public static async Task<T> GuardAsync<T>(string what, TimeSpan age, CancellationToken cancellationToken, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException e)
        {
            throw Classify(e, what, age);
        }
        catch (AuthenticationFailedException e) when (IsPassing(e))
        {
            throw Failures.Transient(System, $"{what}: no login ({FirstLine(e.Message)})", retryAfter: ReplicationWait);
        }
        catch (AuthenticationFailedException e)
        {
            throw Failures.Of(ErrorTypes.PermissionDenied, System, $"{what}: {e.Message}", "Azure refuses the platform's credential; renew it.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or AggregateException or TimeoutException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failures.Transient(System, $"{what}: no answer ({e.Message})");
        }
    }

    public static ApplicationFailureException Classify(RequestFailedException e, string what, TimeSpan age)
    {
        var message = $"{what}: {e.ErrorCode} {FirstLine(e.Message)}";
        var retryAfter = e.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) == true && int.TryParse(text, out var seconds)
            ? RetryAfter.Bound(TimeSpan.FromSeconds(seconds))
            : (TimeSpan?)null;
        if (e.Status == 429)
            return Failures.RateLimited(System, message, retryAfter ?? ReplicationWait, 429);
        if (age < GrantPropagation && Unauthorized.Contains(e.ErrorCode, StringComparer.OrdinalIgnoreCase))
            return Failures.Transient(System, $"{message} (a right granted a moment ago may not be known yet)", e.Status, retryAfter);
        if (e.ErrorCode is { } limit && Quotas.Any(q => limit.EndsWith(q, StringComparison.OrdinalIgnoreCase)))
            return Failures.Of(ErrorTypes.QuotaExceeded, System, message, "Have the limit that the message names raised, or something removed.", e.Status);
        if (age >= PrincipalReplication && string.Equals(e.ErrorCode, "PrincipalNotFound", StringComparison.OrdinalIgnoreCase))
            return Failures.Of(ErrorTypes.NotFound, System, message, "Check the team's Entra group: the directory doesn't know it.", e.Status);
        if (e.ErrorCode is { } code && Codes.TryGetValue(code, out var known))
        {
            var wait = known.Type == ErrorTypes.Transient ? retryAfter ?? ReplicationWait : retryAfter;
            return Failures.Of(known.Type, System, message, known.Remediation, e.Status, wait);
        }
        return e.Status switch
        {
            0 => Failures.Transient(System, message),
            401 or 403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, status: e.Status),
            404 when age >= Replication => Failures.Of(ErrorTypes.NotFound, System, message, "What this is made in or from isn't there: has somebody removed it?", 404),
            404 => Failures.Transient(System, message, 404, retryAfter ?? ReplicationWait),
            408 or >= 500 => Failures.Transient(System, message, e.Status, retryAfter),
            409 or 412 => Failures.Of(ErrorTypes.Conflict, System, message, status: e.Status),
            200 => Failures.Of(ErrorTypes.ExternalBug, System, message, status: 200),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: e.Status),
        };
    }

    /// <summary>Whether a login failed for what goes by: nobody answered, or whoever did says to try again.</summary>
    private static bool IsPassing(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException or IOException or OperationCanceledException or RequestFailedException { Status: 0 or 408 or 429 or >= 500 }
                || LoginsToTryAgain.Any(code => e.Message.Contains(code, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    [GeneratedRegex("to use namespace '([A-Za-z0-9.]+)'", RegexOptions.CultureInvariant)]
    private static partial Regex NamedNamespace();

    [GeneratedRegex("/providers/([A-Za-z0-9.]+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Provider();

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
