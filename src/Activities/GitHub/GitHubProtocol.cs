using System.Net.Http.Headers;
using Onramp.Activities.Http;

namespace Onramp.Activities.GitHub;

/// <summary>
/// What GitHub wants of every call, and what its refusals mean: in one place, so that no call of Octokit's or of ours, typed or through its
/// connection, can go around it.
/// </summary>
internal sealed class GitHubProtocol(TimeProvider time) : DelegatingHandler
{
    /// <summary>Version of the API that everything here is written for.</summary>
    private const string ApiVersion = "2022-11-28";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add("X-GitHub-Api-Version", ApiVersion);
        // Octokit declares every body to be a form.
        if (request.Content is { } content)
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        var (method, path) = (request.Method, request.RequestUri!.AbsolutePath);
        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode < 300)
            return response;
        using (response)
        {
            var reply = new ApiReply(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(cancellationToken));
            var now = time.GetUtcNow();
            throw GitHubErrors.Classify(reply, $"{method} {path}", RepositoryAtWork.IsFresh(path, now), now);
        }
    }
}
