using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Catalog;

/// <summary>The Backstage catalog's API as far as onboarding needs it.</summary>
internal sealed class CatalogClient(HttpClient http, CatalogOptions options, TimeProvider time) : RestClient(http, "Catalog")
{
    private const string Base = "api/catalog";
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(5);

    /// <summary>Id of the location with this target.</summary>
    public async Task<string?> FindLocationAsync(string target, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, $"{Base}/locations", null, cancellationToken);
        var locations = reply.Json as JsonArray ?? [];
        return locations.Select(l => l.At("data")).FirstOrDefault(d => d.Text("target") == target)?.Text("id");
    }

    /// <summary>Registers a location; one that exists is refreshed by new versions and refused by older ones, both of which is fine.</summary>
    public Task AddLocationAsync(string target, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Post,
            $"{Base}/locations?onConflict=refresh",
            new JsonObject { ["type"] = "url", ["target"] = target },
            cancellationToken,
            HttpStatusCode.Conflict);

    public Task DeleteLocationAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, $"{Base}/locations/{id}", null, cancellationToken, HttpStatusCode.NotFound);

    /// <summary>An entity by its reference <c>kind:namespace/name</c>.</summary>
    public async Task<JsonObject?> FindEntityAsync(string entityRef, CancellationToken cancellationToken)
    {
        var path = string.Join('/', entityRef.Split(':', '/').Select(Uri.EscapeDataString));
        var reply = await CallAsync(HttpMethod.Get, $"{Base}/entities/by-name/{path}", null, cancellationToken, HttpStatusCode.NotFound);
        return reply.IsSuccess ? reply.Object : null;
    }

    protected override ValueTask AuthorizeAsync(HttpRequestMessage request, bool refresh, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(options.Token))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        return ValueTask.CompletedTask;
    }

    protected override ApplicationFailureException Failure(ApiReply reply, string what)
    {
        var message = $"{what}: {reply.Json.At("error").Text("message") ?? $"status {reply.Status}"}";
        return reply.Status switch
        {
            401 or 403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, "Check the platform's token and its permissions in Backstage.", reply.Status),
            404 => Failures.Of(ErrorTypes.NotFound, System, message, status: 404),
            409 => Failures.Of(ErrorTypes.Conflict, System, message, status: 409),
            429 => Failures.RateLimited(System, message, RetryAfter.Read(reply, time.GetUtcNow()) ?? ThrottleWait, 429),
            >= 500 => Failures.Transient(System, message, reply.Status, RetryAfter.Read(reply, time.GetUtcNow())),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: reply.Status),
        };
    }
}
