using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>What keeps a source from logging in; one that stalls is not tried again until its spec changes.</summary>
internal sealed record LoginProblem(string Reason, string Message, bool Stalls);

/// <summary>
/// How Flux's source controller logs in to a Git server: provider <c>github</c> as the App whose data a secret holds, <c>generic</c>
/// with whatever a secret holds, which a private repository needs.
/// </summary>
internal static class FluxLogin
{
    private const string InvalidProvider = "InvalidProviderConfiguration";
    private const string Failed = "AuthenticationFailed";

    public static LoginProblem? Check(Documents documents, JsonObject source, bool isPrivate)
    {
        var space = source.Text("metadata", "namespace");
        var isApp = source.Text("spec", "provider") == "github";
        if (source.Text("spec", "secretRef", "name") is not { } name)
        {
            return isApp ? new(InvalidProvider, "secretRef with github app data must be specified when provider is set to github", Stalls: true)
                : isPrivate ? new("GitOperationFailed", "unable to clone: authentication required: Repository not found.", Stalls: false)
                : null;
        }

        if (documents.Get("secrets", $"{space}/{name}") is not { } secret)
        {
            return new(Failed, $"failed to get secret '{space}/{name}': secrets \"{name}\" not found", Stalls: false);
        }

        var hasApp = Value(secret, "githubAppID") is not null;
        return (isApp, hasApp) switch
        {
            (true, false) => new(InvalidProvider, "secretRef with github app data must be specified when provider is set to github", Stalls: true),
            (false, true) => new(InvalidProvider, $"secretRef '{space}/{name}' has github app data but provider is not set to github", Stalls: true),
            (true, true) => App(secret),
            _ => null,
        };
    }

    private static LoginProblem? App(JsonObject secret)
    {
        if (Value(secret, "githubAppInstallationID") is null == Value(secret, "githubAppInstallationOwner") is null)
        {
            return new(Failed, "exactly one of app installation ID or owner must be provided to use github app authentication", Stalls: false);
        }

        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(Value(secret, "githubAppPrivateKey") ?? "");
            return null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return new(Failed, "could not parse private key", Stalls: false);
        }
    }

    private static string? Value(JsonObject secret, string key)
    {
        if (secret.Text("data", key) is not { } text)
        {
            return null;
        }

        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length) ? Encoding.UTF8.GetString(buffer, 0, length) : null;
    }
}
