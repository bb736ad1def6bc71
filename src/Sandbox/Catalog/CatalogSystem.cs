using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.GitHub;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Catalog;

/// <summary>
/// Backstage's software catalog. A location is taken on trust and read later; what it leads to is read from the GitHub stand-in,
/// and a file that isn't there or is wrong never becomes an entity.
/// </summary>
internal sealed class CatalogSystem : SandboxSystem
{
    private const string Root = "/api/catalog";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);
    private readonly SandboxContext _context;

    public CatalogSystem(SandboxContext context)
    {
        _context = context;
        Routes =
        [
            new("GET", Root + "/locations", call => Reply.Json(200, Json.ToArray(Locations(call).Select(l => (JsonNode)new JsonObject { ["data"] = Shown(l) })))),
            new("POST", Root + "/locations", Register),
            new("POST", Root + "/locations/by-query", QueryLocations),
            new("GET", Root + "/locations/by-entity/{kind}/{namespace}/{name}", ShowLocationOfEntity),
            new("GET", Root + "/locations/{id}", call => Reply.Json(200, Shown(FindLocation(call)))),
            new("DELETE", Root + "/locations/{id}", Delete),
            new("POST", Root + "/refresh", Refresh),
            new("GET", Root + "/entities/by-name/{kind}/{namespace}/{name}", ShowEntity),
            new("GET", Root + "/entities/by-uid/{uid}", call => Reply.Json(200, FindByUid(call).Body)),
            new("DELETE", Root + "/entities/by-uid/{uid}", DeleteEntity),
            new("POST", Root + "/entities/by-refs", ShowByRefs),
            new("GET", Root + "/entities", ListEntities),
            new("POST", Root + "/validate-entity", Validate),
            new("GET", "/catalog/{namespace}/{kind}/{name}", ShowEntity),
        ];
    }

    public override string Name => "catalog";

    public override IReadOnlyList<Route> Routes { get; }

    public override Reply? Authenticate(Call call)
    {
        var token = call.Credential("Bearer");
        if (token is null && call.Method == "GET" && call.RawPath.StartsWith("/catalog/", StringComparison.Ordinal))
        {
            return null;
        }

        call.Caller = token == _context.Credentials.CatalogToken ? "external:onboarding-orchestrator" : "";
        return call.Caller.Length == 0 ? Failure(call, 401, "AuthenticationError", token is null ? "Missing credentials" : "Illegal token")
            : CatalogPermissions.Refuse(call, _context.Seed.CatalogPermissions) switch
            {
                Denial.NotAllowed => Failure(call, 403, "NotAllowedError", ""),
                Denial.NotFound => Failure(call, 404, "NotFoundError", "Not found"),
                _ => null,
            };
    }

    public override Reply Error(Call call, int status) => status switch
    {
        401 => Failure(call, 401, "AuthenticationError", "Illegal token"),
        403 => Failure(call, 403, "NotAllowedError", "Not allowed"),
        404 => Failure(call, 404, "NotFoundError", "Not found"),
        409 => Failure(call, 409, "ConflictError", "Conflict"),
        400 => Failure(call, 400, "InputError", "Bad request"),
        503 => Failure(call, 503, "ServiceUnavailableError", "Service unavailable"),
        429 => Failure(call, 429, "TooManyRequestsError", "Too many requests").With("Retry-After", "1"),
        _ => Failure(call, status, "Error", "Internal server error"),
    };

    public override void Seed(Documents documents)
    {
        foreach (var team in _context.Seed.Teams)
        {
            Put(documents, null, new JsonObject
            {
                ["apiVersion"] = "backstage.io/v1alpha1",
                ["kind"] = "Group",
                ["metadata"] = new JsonObject { ["name"] = team },
                ["spec"] = new JsonObject { ["type"] = "team", ["children"] = new JsonArray() },
            });
        }
    }

    public override void OnDue(Documents documents, string action, string key)
    {
        if (action != "process" || documents.Get("location", key) is not { } location)
        {
            return;
        }

        var (entities, problem) = Entities.Read(documents.As("github"), location.Text("target")!);
        if (problem is not null)
        {
            documents.Schedule("process", key, s_retry);
            return;
        }

        foreach (var (gone, _) in documents.List("entity").Where(e => e.Body.Text("location") == key && !entities.Any(n => Entities.Key(n) == e.Key)))
        {
            documents.Delete("entity", gone);
        }

        foreach (var entity in entities)
        {
            Put(documents, key, entity);
        }
    }

    private static Reply Failure(Call call, int status, string name, string message) => Reply.Json(status, new JsonObject
    {
        ["error"] = new JsonObject { ["name"] = name, ["message"] = message },
        ["request"] = new JsonObject { ["method"] = call.Method, ["url"] = call.RawPath.Replace(Root, "", StringComparison.Ordinal) },
        ["response"] = new JsonObject { ["statusCode"] = status },
    });

    private static Refusal NotFound(Call call, string message) => new(Failure(call, 404, "NotFoundError", message));

    /// <summary>A location with the entity that it is in the catalog, whose name is a hash of what it leads to.</summary>
#pragma warning disable CA5350 // Backstage names them by SHA-1.
    private static JsonObject Shown(JsonObject location) => new()
    {
        ["id"] = location.Text("id"),
        ["type"] = location.Text("type"),
        ["target"] = location.Text("target"),
        ["entityRef"] = $"location:default/generated-{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"{location.Text("type")}:{location.Text("target")}")))}",
    };
#pragma warning restore CA5350

    private static void Put(Documents documents, string? location, JsonObject entity)
    {
        var key = Entities.Key(entity);
        var before = documents.Get("entity", key);
        if (before is not null && before.Text("location") != location)
        {
            return;
        }

        var complete = entity.Copy();
        var metadata = complete.Ensure("metadata");
        metadata["namespace"] ??= "default";
        metadata["uid"] = before.Text("entity", "metadata", "uid") ?? documents.NextGuid().ToString();
        metadata["etag"] = before.Text("entity", "metadata", "etag") ?? Convert.ToHexStringLower(documents.NextBytes())[..40];
        complete["relations"] = Entities.Relations(complete);
        documents.Put("entity", key, new JsonObject { ["location"] = location, ["entity"] = complete });
    }

    private Reply Register(Call call)
    {
        if (call.TryReadObject() is not { } body || body.Text("type") is not { Length: > 0 } type || body.Text("target") is not { Length: > 0 } target)
        {
            return Failure(call, 400, "InputError", "Malformed request: type and target are required");
        }

        if (type != "url" || !Uri.TryCreate(target, UriKind.Absolute, out _))
        {
            return Failure(call, 400, "InputError", $"Registered locations must be of type \"url\" with an absolute target, not {type}:{target}");
        }

        var existing = call.Documents.List("location").Find(l => l.Body.Text("target") == target).Body;
        if (call.Asks("dryRun"))
        {
            var (entities, problem) = Entities.Read(call.Documents.As("github"), target);
            return problem is not null
                ? Failure(call, 400, "InputError", problem)
                : Reply.Json(201, new JsonObject
                {
                    ["location"] = new JsonObject { ["id"] = "", ["type"] = type, ["target"] = target }, ["entities"] = Json.ToArray(entities), ["exists"] = existing is not null,
                });
        }

        if (existing is not null && call.Parameter("onConflict") != "refresh")
        {
            return Failure(call, 409, "ConflictError", $"Location {type}:{target} already exists");
        }

        var location = existing ?? new JsonObject { ["id"] = call.Documents.NextGuid().ToString(), ["type"] = type, ["target"] = target };
        call.Documents.Put("location", location.Text("id")!, location);
        call.Documents.Schedule("process", location.Text("id")!, _context.Options.CatalogProcessingDelay);
        return Reply.Json(201, new JsonObject { ["location"] = Shown(location), ["entities"] = new JsonArray() });
    }

    /// <summary>What the caller is shown of the locations: nothing, where it may not read them.</summary>
    private IEnumerable<JsonObject> Locations(Call call) =>
        CatalogPermissions.Holds(_context.Seed.CatalogPermissions, CatalogPermissions.ReadLocations) ? call.Documents.List("location").Select(l => l.Body) : [];

    /// <summary>One page of the locations whose fields are as asked for, and where the next one begins.</summary>
    private Reply QueryLocations(Call call)
    {
        if (!_context.Options.CatalogQueriesLocations)
        {
            return Failure(call, 404, "NotFoundError", "Not found");
        }

        var body = call.TryReadObject() ?? [];
        var state = body.Text("cursor") is { } cursor && Decoded(cursor) is { } earlier ? earlier : body;
        var wanted = state.Object("query") ?? [];
        var (from, size) = ((int)(state.Number("from") ?? 0), (int)Math.Min(state.Number("limit") ?? 100, _context.Options.CatalogMaxPageSize));
        var found = Locations(call).Where(l => wanted.All(w => l.Text(w.Key) == w.Value.Text())).ToList();
        var page = new JsonObject();
        if (from + size < found.Count)
        {
            var next = new JsonObject { ["query"] = wanted.Copy(), ["limit"] = size, ["from"] = from + size };
            page["nextCursor"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(next.ToJsonString(Json.Compact)));
        }

        return Reply.Json(200, new JsonObject
        {
            ["items"] = Json.ToArray(found.Skip(from).Take(size).Select(l => (JsonNode)Shown(l))), ["totalItems"] = found.Count, ["pageInfo"] = page,
        });
    }

    private static JsonObject? Decoded(string cursor)
    {
        var bytes = new byte[cursor.Length];
        return Convert.TryFromBase64String(cursor, bytes, out var length) ? JsonNode.Parse(bytes.AsSpan(0, length)) as JsonObject : null;
    }

    private static JsonObject FindLocation(Call call) => call.Documents.Get("location", call["id"]) ?? throw NotFound(call, $"Found no location with ID {call["id"]}");

    private static Reply Delete(Call call)
    {
        FindLocation(call);
        foreach (var (key, _) in call.Documents.List("entity").Where(e => e.Body.Text("location") == call["id"]))
        {
            call.Documents.Delete("entity", key);
        }

        call.Documents.Delete("location", call["id"]);
        return Reply.Empty(204);
    }

    private Reply Refresh(Call call)
    {
        var reference = call.TryReadObject().Text("entityRef");
        if (reference is null)
        {
            return Failure(call, 400, "InputError", "Malformed request: entityRef is required");
        }

        if (call.Documents.Get("entity", reference.ToLowerInvariant()).Text("location") is { } location)
        {
            call.Documents.Schedule("process", location, _context.Options.CatalogProcessingDelay);
        }

        return Reply.Empty(200);
    }

    private static string Key(Call call) => $"{call["kind"]}:{call["namespace"]}/{call["name"]}".ToLowerInvariant();

    private static Reply ShowEntity(Call call) => call.Documents.Get("entity", Key(call)).Object("entity") is { } entity
        ? Reply.Json(200, entity)
        : Failure(call, 404, "NotFoundError", $"No entity named '{call["name"]}' found, with kind '{call["kind"]}' in namespace '{call["namespace"]}'");

    private static Reply ShowLocationOfEntity(Call call) =>
        call.Documents.Get("entity", Key(call)).Text("location") is { } id && call.Documents.Get("location", id) is { } location
            ? Reply.Json(200, Shown(location))
            : Failure(call, 404, "NotFoundError", $"found no location for entity {Key(call)}");

    private static (string Key, JsonObject Body) FindByUid(Call call)
    {
        var found = call.Documents.List("entity").Find(e => e.Body.Text("entity", "metadata", "uid") == call["uid"]);
        return found.Body is null ? throw NotFound(call, $"No entity with uid {call["uid"]}") : (found.Key, found.Body.Object("entity")!);
    }

    /// <summary>An entity that a location still leads to comes back with the next round of processing.</summary>
    private Reply DeleteEntity(Call call)
    {
        var (key, _) = FindByUid(call);
        if (call.Documents.Get("entity", key).Text("location") is { } location)
        {
            call.Documents.Schedule("process", location, _context.Options.CatalogProcessingDelay);
        }

        call.Documents.Delete("entity", key);
        return Reply.Empty(204);
    }

    private static Reply ShowByRefs(Call call) => Reply.Json(200, new JsonObject
    {
        ["items"] = Json.ToArray(call.TryReadObject().Texts("entityRefs").Select(r => call.Documents.Get("entity", r.ToLowerInvariant())?["entity"].Copy())),
    });

    private Reply ListEntities(Call call)
    {
        if (!CatalogPermissions.Holds(_context.Seed.CatalogPermissions, CatalogPermissions.ReadEntities))
        {
            return Reply.Json(200, new JsonArray());
        }

        var terms = (call.Parameter("filter") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('=', 2)).ToList();
        var found = call.Documents.List("entity").Select(e => e.Body.Object("entity")!.Copy())
            .Where(e => terms.TrueForAll(t => e.Text(t[0].Split('.')) is { } value && (t.Length == 1 || value.Equals(t[1], StringComparison.OrdinalIgnoreCase))));
        return Reply.Json(200, Json.ToArray(int.TryParse(call.Parameter("limit"), out var limit) ? found.Take(limit) : found));
    }

    private static Reply Validate(Call call)
    {
        var entity = call.TryReadObject().Object("entity");
        var problem = entity is null ? "entity is required" : Entities.Problem(entity);
        return problem is null
            ? Reply.Empty(200)
            : Reply.Json(400, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["name"] = "InputError", ["message"] = problem }) });
    }
}
