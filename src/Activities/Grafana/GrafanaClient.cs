using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Grafana;

/// <summary>Grafana's HTTP API as far as onboarding needs it.</summary>
internal sealed class GrafanaClient(HttpClient http, GrafanaOptions options, TimeProvider time) : RestClient(http, "Grafana")
{
    private const string Rules = "api/v1/provisioning/alert-rules";
    private const int PageSize = 100;
    private const int MaxPages = 100;
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(5);

    public async Task<bool> HasFolderAsync(string uid, CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, $"api/folders/{uid}", null, cancellationToken, HttpStatusCode.NotFound)).IsSuccess;

    /// <summary>Uid of the folder at the top with this title.</summary>
    public async Task<string?> FindFolderAsync(string title, CancellationToken cancellationToken)
    {
        for (var page = 1; page <= MaxPages; page++)
        {
            var reply = await CallAsync(HttpMethod.Get, $"api/folders?limit={PageSize}&page={page}", null, cancellationToken);
            if (reply.Json is not JsonArray { Count: > 0 } folders)
                return null;
            if (folders.FirstOrDefault(f => f.Text("title") == title) is { } found)
                return found.Text("uid");
        }
        throw Failures.Of(ErrorTypes.ExternalBug, System, $"more than {MaxPages} pages of folders");
    }

    /// <summary>Creates a folder; false when Grafana says that one is in the way, which may be this one or another of the same title.</summary>
    public async Task<bool> CreateFolderAsync(string uid, string title, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["uid"] = uid, ["title"] = title };
        return (await CallAsync(
            HttpMethod.Post, "api/folders", body, cancellationToken, HttpStatusCode.Conflict, HttpStatusCode.PreconditionFailed)).IsSuccess;
    }

    /// <summary>Whether folders, dashboards or alert rules live in a folder.</summary>
    public async Task<bool> IsFolderInUseAsync(string uid, CancellationToken cancellationToken)
    {
        foreach (var inside in (string[])[$"api/search?folderUIDs={uid}&limit=1", $"api/folders?parentUid={uid}&limit=1"])
        {
            if ((await CallAsync(HttpMethod.Get, inside, null, cancellationToken)).Json is JsonArray { Count: > 0 })
                return true;
        }
        var rules = await CallAsync(HttpMethod.Get, Rules, null, cancellationToken, HttpStatusCode.NotFound);
        return rules.Json is JsonArray all && all.Any(r => r.Text("folderUID") == uid);
    }

    /// <summary>Deletes a folder, unless rules turned up in it.</summary>
    public Task DeleteFolderAsync(string uid, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, $"api/folders/{uid}?forceDeleteRules=false", null, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.BadRequest);

    public async Task<JsonObject?> FindDashboardAsync(string uid, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, $"api/dashboards/uid/{uid}", null, cancellationToken, HttpStatusCode.NotFound);
        return reply.IsSuccess ? reply.Json.At("dashboard") as JsonObject : null;
    }

    /// <summary>
    /// Writes a dashboard over the one that was read, or makes it; its path. Null when another dashboard of the folder has its title. It never
    /// overwrites: where titles are unique in a folder, that takes the other dashboard, whoever's it is.
    /// </summary>
    public async Task<string?> TryPutDashboardAsync(
        JsonObject dashboard, JsonObject? replaces, string folderUid, string message, CancellationToken cancellationToken)
    {
        dashboard["id"] = replaces?["id"]?.DeepClone();
        dashboard["version"] = replaces?["version"]?.DeepClone() ?? 0;
        var body = new JsonObject { ["dashboard"] = dashboard, ["folderUid"] = folderUid, ["message"] = message, ["overwrite"] = false };
        var reply = await CallAsync(HttpMethod.Post, "api/dashboards/db", body, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.PreconditionFailed);
        ThrowIfGone(reply, folderUid);
        if (reply.IsSuccess)
            return reply.Json.Text("url") ?? "";
        // One of this uid is there by now: the next attempt reads it.
        return reply.Json.Text("status") == "name-exists" && await FindDashboardAsync(dashboard.Text("uid")!, cancellationToken) is null
            ? null
            : throw Failures.Of(ErrorTypes.Conflict, System, $"dashboard {dashboard.Text("uid")}: {reply.Json.Text("message")}", status: reply.Status);
    }

    public Task DeleteDashboardAsync(string uid, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, $"api/dashboards/uid/{uid}", null, cancellationToken, HttpStatusCode.NotFound);

    public async Task<JsonObject?> FindRuleAsync(string uid, CancellationToken cancellationToken)
    {
        var reply = await CallAsync(HttpMethod.Get, $"{Rules}/{uid}", null, cancellationToken, HttpStatusCode.NotFound);
        return reply.IsSuccess ? reply.Object : null;
    }

    /// <summary>Writes one rule, and no other of its group: writing a whole group takes away what people have put into it.</summary>
    public async Task PutRuleAsync(JsonObject rule, bool exists, CancellationToken cancellationToken)
    {
        var reply = exists
            ? await CallAsync(HttpMethod.Put, $"{Rules}/{rule.Text("uid")}", rule, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.BadRequest)
            : await CallAsync(HttpMethod.Post, Rules, rule, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
        // Without a word of the folder it is the rule that is refused, or a Grafana that takes no rules this way.
        if (!reply.IsSuccess && !reply.Text.Contains("folder", StringComparison.OrdinalIgnoreCase))
            throw Failure(reply, $"rule {rule.Text("uid")}");
        if (!reply.IsSuccess)
            throw Gone(reply, rule.Text("folderUID")!);
    }

    public Task DeleteRuleAsync(string uid, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, $"{Rules}/{uid}", null, cancellationToken, HttpStatusCode.NotFound);

    /// <summary>A folder that was there a moment ago and is gone is made again by the next attempt.</summary>
    private void ThrowIfGone(ApiReply reply, string folderUid)
    {
        if (reply.StatusCode == HttpStatusCode.NotFound)
            throw Gone(reply, folderUid);
    }

    private Exception Gone(ApiReply reply, string folderUid) =>
        Failures.Transient(System, $"folder {folderUid} went away: {reply.Json.Text("message")}", reply.Status);

    protected override ValueTask AuthorizeAsync(HttpRequestMessage request, bool refresh, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(options.Token))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        return ValueTask.CompletedTask;
    }

    /// <summary>Rules made over the API stay editable for people.</summary>
    protected override void Prepare(HttpRequestMessage request) => request.Headers.Add("X-Disable-Provenance", "true");

    protected override ApplicationFailureException Failure(ApiReply reply, string what)
    {
        var message = $"{what}: {reply.Json.Text("message") ?? $"status {reply.Status}"}";
        return reply.Status switch
        {
            401 => Failures.Of(ErrorTypes.PermissionDenied, System, message, "Grafana refuses the platform's token; renew it.", 401),
            403 when reply.Json.Text("message")?.Contains("quota", StringComparison.OrdinalIgnoreCase) == true =>
                Failures.Of(ErrorTypes.QuotaExceeded, System, message, "Have Grafana's quota raised, or something removed.", 403),
            403 => Failures.Of(ErrorTypes.PermissionDenied, System, message, status: 403),
            404 => Failures.Of(ErrorTypes.NotFound, System, message, status: 404),
            // Older versions report a taken rule title as an outage.
            409 or 500 when message.Contains("should be unique", StringComparison.Ordinal) =>
                Failures.Of(ErrorTypes.NameTaken, System, message, "A rule of another owner has the same title in the folder.", reply.Status),
            409 or 412 => Failures.Of(ErrorTypes.Conflict, System, message, status: reply.Status),
            429 => Failures.RateLimited(System, message, RetryAfter.Read(reply, time.GetUtcNow()) ?? ThrottleWait, 429),
            >= 500 => Failures.Transient(System, message, reply.Status, RetryAfter.Read(reply, time.GetUtcNow())),
            _ => Failures.Of(ErrorTypes.Validation, System, message, status: reply.Status),
        };
    }
}
