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
    private const int PageSize = 500;
    private const int MaxPages = 1000;
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(5);

    /// <summary>Answers of a catalog that is older than queries for locations.</summary>
    private static readonly HttpStatusCode[] NoQueries = [HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.BadRequest, HttpStatusCode.NotImplemented];

    /// <summary>Whether any entity at all is shown; a token that may read none is told that there are none.</summary>
    public async Task<bool> ShowsEntitiesAsync(CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, $"{Base}/entities?limit=1", null, cancellationToken)).Json is JsonArray { Count: > 0 };

    /// <summary>
    /// Id of the location that leads to this file: hosts, owners and repositories mind no case, and <c>blob</c> and <c>tree</c> are the same file.
    /// </summary>
    public async Task<string?> FindLocationAsync(string target, CancellationToken cancellationToken)
    {
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var query = cursor is null
                ? new JsonObject { ["limit"] = PageSize, ["query"] = new JsonObject { ["type"] = "url" } }
                : new JsonObject { ["cursor"] = cursor };
            var reply = await CallAsync(HttpMethod.Post, $"{Base}/locations/by-query", query, cancellationToken, NoQueries);
            if (!reply.IsSuccess)
                return await FindInAllAsync(target, cancellationToken);
            if (reply.Json.Items("items").FirstOrDefault(l => IsSameFile(l, target)) is { } found)
                return found.Text("id");
            cursor = reply.Json.At("pageInfo").Text("nextCursor");
            if (string.IsNullOrEmpty(cursor))
                return null;
        }
        throw Failures.Of(ErrorTypes.ExternalBug, System, $"more than {MaxPages} pages of locations");
    }

    /// <summary>
    /// Registers a location; its id, where the catalog tells it. One that exists is refreshed by new versions and refused by older ones, both of which
    /// is fine.
    /// </summary>
    public async Task<string?> AddLocationAsync(string target, CancellationToken cancellationToken)
    {
        var location = new JsonObject { ["type"] = "url", ["target"] = target };
        var reply = await CallAsync(HttpMethod.Post, $"{Base}/locations?onConflict=refresh", location, cancellationToken, HttpStatusCode.Conflict);
        return reply.Json.At("location").Text("id");
    }

    public Task DeleteLocationAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, $"{Base}/locations/{id}", null, cancellationToken, HttpStatusCode.NotFound);

    private async Task<string?> FindInAllAsync(string target, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, $"{Base}/locations", null, cancellationToken);
        return (reply.Json as JsonArray ?? []).Select(l => l.At("data")).FirstOrDefault(l => IsSameFile(l, target))?.Text("id");
    }

    private static bool IsSameFile(JsonNode? location, string target) =>
        string.Equals(Plain(location.Text("target") ?? ""), Plain(target), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string target) => target.Replace("/tree/", "/blob/", StringComparison.OrdinalIgnoreCase);

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

    /// <summary>What a refused call needs, by the catalog's own name: its refusals are without a word.</summary>
    private static string Needed(string what) => what switch
    {
        _ when what.StartsWith($"POST {Base}/locations/by-query", StringComparison.Ordinal) || what.StartsWith($"GET {Base}/locations", StringComparison.Ordinal) =>
            CatalogRights.ReadLocations,
        _ when what.StartsWith($"POST {Base}/locations", StringComparison.Ordinal) => "catalog.location.create",
        _ when what.StartsWith($"DELETE {Base}/locations", StringComparison.Ordinal) => "catalog.location.delete",
        _ => CatalogRights.ReadEntities,
    };

    protected override ApplicationFailureException Failure(ApiReply reply, string what)
    {
        var message = $"{what}: {reply.Json.At("error").Text("message") ?? $"status {reply.Status}"}";
        return reply.Status switch
        {
            401 => Failures.Of(ErrorTypes.PermissionDenied, System, message, "Backstage refuses the platform's token; renew it.", 401),
            403 when message.Contains("readonly", StringComparison.OrdinalIgnoreCase) =>
                Failures.Of(ErrorTypes.PolicyDenied, System, message, "The catalog is read-only: leave features.catalog out, or set catalog.readonly off in Backstage.", 403),
            403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, $"Give the platform's token {Needed(what)} in Backstage.", 403),
            404 => Failures.Of(ErrorTypes.NotFound, System, message, status: 404),
            409 => Failures.Of(ErrorTypes.Conflict, System, message, status: 409),
            429 => Failures.RateLimited(System, message, RetryAfter.Read(reply, time.GetUtcNow()) ?? ThrottleWait, 429),
            >= 500 => Failures.Transient(System, message, reply.Status, RetryAfter.Read(reply, time.GetUtcNow())),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: reply.Status),
        };
    }
}
