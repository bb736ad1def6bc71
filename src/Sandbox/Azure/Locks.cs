using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Management locks: what is locked, or lies in or around what is locked, isn't deleted.</summary>
internal sealed class Locks
{
    private const string Path = "/{**scope}/providers/Microsoft.Authorization/locks";

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", Path, call => Reply.Json(200, new JsonObject
        {
            ["value"] = Json.ToArray(call.Documents.List("lock", $"/{call["scope"]}/".ToLowerInvariant()).Select(l => (JsonNode)l.Body)),
        })),
        new("GET", Path + "/{name}", call => call.Documents.Get("lock", Key(call)) is { } found
            ? Reply.Json(200, found)
            : AzureErrors.Reply(404, "LockNotFound", $"The lock '{call["name"]}' could not be found.")),
        new("PUT", Path + "/{name}", Put),
        new("DELETE", Path + "/{name}", call => Reply.Empty(call.Documents.Delete("lock", Key(call)) ? 200 : 204)),
    ];

    public void Check(Documents documents, string key)
    {
        foreach (var (id, _) in documents.List("lock"))
        {
            var scope = id[..id.IndexOf("/providers/microsoft.authorization/", StringComparison.Ordinal)];
            if (Covers(scope, key) || Covers(key, scope))
            {
                throw AzureErrors.Refuse(
                    409, "ScopeLocked", $"The scope '{key}' cannot perform delete operation because following scope(s) are locked: '{scope}'. Please remove the lock and try again.");
            }
        }
    }

    private static bool Covers(string outer, string inner) => inner == outer || inner.StartsWith(outer + "/", StringComparison.Ordinal);

    private static string Key(Call call) => $"/{call["scope"]}/providers/microsoft.authorization/locks/{call["name"]}".ToLowerInvariant();

    private static Reply Put(Call call)
    {
        AzureProviders.CheckVersion(call, "Microsoft.Authorization", "locks");
        var body = call.Object();
        if (body.Text("properties", "level") is not ("CanNotDelete" or "ReadOnly"))
        {
            return AzureErrors.Reply(400, "InvalidLockLevel", "The lock level must be CanNotDelete or ReadOnly.");
        }

        var before = call.Documents.Has("lock", Key(call));
        var entry = new JsonObject
        {
            ["id"] = $"/{call["scope"]}/providers/Microsoft.Authorization/locks/{call["name"]}",
            ["name"] = call["name"],
            ["type"] = "Microsoft.Authorization/locks",
            ["properties"] = body["properties"].Copy(),
        };
        call.Documents.Put("lock", Key(call), entry);
        return Reply.Json(before ? 200 : 201, entry);
    }
}
