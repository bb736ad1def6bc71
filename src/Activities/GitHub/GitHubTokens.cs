using System.Net;
using System.Net.Http.Headers;
using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>Where GitHub's bearer tokens come from.</summary>
internal interface IGitHubTokens
{
    /// <summary>A token that is good now, other than the <paramref name="refused"/> one if another can be had.</summary>
    ValueTask<string> GetAsync(string? refused, CancellationToken cancellationToken);
}

/// <summary>A personal access token.</summary>
internal sealed class PersonalAccessToken(string token) : IGitHubTokens
{
    public ValueTask<string> GetAsync(string? refused, CancellationToken cancellationToken) => new(token);
}

/// <summary>
/// Installation tokens of a GitHub App: the App's JWT buys a token that lives an hour, kept until five minutes before its end. Whoever finds
/// it refused first renews it; the others get the new one.
/// </summary>
internal sealed class InstallationTokens(IGitHubAppsClient apps, GitHubOptions options, TimeProvider time) : IGitHubTokens, IDisposable
{
    private static readonly TimeSpan RefreshBefore = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1);
    private long? installation = options.InstallationId;
    private string token = "";
    private DateTimeOffset expires;

    public async ValueTask<string> GetAsync(string? refused, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (token == refused || time.GetUtcNow() + RefreshBefore >= expires)
                await RenewAsync();
            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task RenewAsync()
    {
        try
        {
            installation ??= (await apps.GetOrganizationInstallationForCurrent(options.Organization)).Id;
            var answer = await apps.CreateInstallationToken(installation.Value);
            (token, expires) = (answer.Token, answer.ExpiresAt);
        }
        catch (ApplicationFailureException e) when (e.NonRetryable)
        {
            throw Failures.Of(ErrorTypes.PermissionDenied, "GitHub", $"no token for the App: {e.Message}", "Check the App's id, key and installation.");
        }
    }
}

/// <summary>Puts the token on every call to GitHub's own host, and once a fresh one when GitHub refuses it.</summary>
internal sealed class GitHubTokenHandler(IGitHubTokens tokens, Uri api) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.Authority != api.Authority || request.RequestUri.Scheme != api.Scheme)
            throw Failures.Of(ErrorTypes.PolicyDenied, "GitHub", $"leads to {request.RequestUri.Authority}, which is not the host that the platform talks to");
        var target = request.RequestUri;
        var token = await tokens.GetAsync(null, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || await tokens.GetAsync(token, cancellationToken) is var fresh && fresh == token)
            return response;
        response.Dispose();
        request.RequestUri = target;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fresh);
        return await base.SendAsync(request, cancellationToken);
    }
}
