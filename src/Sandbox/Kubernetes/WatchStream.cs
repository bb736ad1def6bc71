using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Watches: what changed since a resource version, and then each change as it comes, one JSON object a line.</summary>
internal sealed class WatchStream(SandboxContext context)
{
    private const int DefaultSeconds = 300;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    public Reply Start(Call call, ResourceRequest request)
    {
        if (call.Asks("sendInitialEvents"))
        {
            return KubernetesErrors.Status(422, "Invalid", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        }

        var since = Version(call.Parameter("resourceVersion"));
        var seconds = int.TryParse(call.Parameter("timeoutSeconds"), CultureInfo.InvariantCulture, out var wanted) ? wanted : DefaultSeconds;
        var (labels, fields) = (Selectors.Labels(call.Parameter("labelSelector")), Selectors.Fields(call.Parameter("fieldSelector")));
        bool Matches(JsonObject item) =>
            labels(item) && fields(item)
            && (request.Namespace is null || item.Text("metadata", "namespace") == request.Namespace)
            && (request.Name is null || item.Text("metadata", "name") == request.Name);

        var first = new List<JsonObject>();
        var current = call.Documents.Current("resource-version");
        if (since == 0)
        {
            first.AddRange(new Cluster(call.Documents, context.Options).List(request.Type, request.Namespace).Where(Matches).Select(i => Event("ADDED", i)));
            since = current;
        }

        var oldest = call.Documents.As(DocumentStore.Own).List("watch").Select(e => Version(e.Key)).FirstOrDefault();
        if (since < current && oldest > since + 1)
        {
            var gone = KubernetesErrors.Status(410, "Expired", $"too old resource version: {since} ({oldest})");
            first.Add(Event("ERROR", JsonNode.Parse(gone.Body.Span)!));
            seconds = 0;
        }

        return new Reply
        {
            Status = 200,
            ContentType = "application/json",
            Stream = (stream, cancellation) => RunAsync(stream, first, since, seconds, request.Type, Matches, call.Asks("allowWatchBookmarks"), cancellation),
        };
    }

    private static long Version(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static JsonObject Event(string type, JsonNode item) => new() { ["type"] = type, ["object"] = item.DeepClone() };

    private async Task RunAsync(
        Stream stream, List<JsonObject> first, long since, int seconds, ResourceType type, Func<JsonObject, bool> matches, bool bookmarks, CancellationToken cancellation)
    {
        // Real time on purpose: a watch is a connection, and a connection doesn't end or speed up with the sandbox's clock.
        using var timer = new PeriodicTimer(s_look);
        await WriteAsync(stream, first, cancellation);
        for (var ticks = (long)seconds * 1000 / (long)s_look.TotalMilliseconds; ticks > 0; ticks--)
        {
            (var events, since) = Next(since, type, matches);
            await WriteAsync(stream, events, cancellation);
            await timer.WaitForNextTickAsync(cancellation);
        }

        if (bookmarks && seconds > 0)
        {
            var bookmark = new JsonObject
            {
                ["kind"] = type.Kind,
                ["apiVersion"] = type.GroupVersion,
                ["metadata"] = new JsonObject { ["resourceVersion"] = since.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null },
            };
            await WriteAsync(stream, [Event("BOOKMARK", bookmark)], cancellation);
        }
    }

    private (List<JsonObject> Events, long Since) Next(long since, ResourceType type, Func<JsonObject, bool> matches)
    {
        lock (context.Store.Gate)
        {
            context.Settle();
            var events = context.Store.List(DocumentStore.Own, "watch").Where(e => Version(e.Key) > since).ToList();
            return (
                [.. events.Where(e => e.Body.Text("kind") == type.Qualified && matches(e.Body.Object("object")!)).Select(e => Event(e.Body.Text("type")!, e.Body["object"]!))],
                events.Count == 0 ? since : Version(events[^1].Key));
        }
    }

    private static async Task WriteAsync(Stream stream, List<JsonObject> events, CancellationToken cancellation)
    {
        foreach (var item in events)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(item.ToJsonString(Json.Compact) + "\n"), cancellation);
        }

        await stream.FlushAsync(cancellation);
    }
}
