using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>A cluster's API server (1.32) with the controllers that a platform waits for.</summary>
internal sealed class KubernetesSystem : SandboxSystem
{
    private const string Admin = "platform-orchestrator";
    private const string Viewer = "viewer";

    private static readonly Dictionary<string, string> s_verbs = new(StringComparer.Ordinal)
    {
        ["POST"] = "create", ["PUT"] = "update", ["PATCH"] = "patch", ["DELETE"] = "delete",
    };

    private readonly SandboxContext _context;

    public KubernetesSystem(SandboxContext context)
    {
        _context = context;
        var resources = new ResourceRoutes(context.Options, new WatchStream(context));
        Routes =
        [
            .. new Discovery().Routes,
            new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", ReviewAccess),
            new("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", ReviewSelf),
            .. from root in (string[])["/api/{**path}", "/apis/{**path}"]
               from method in (string[])["GET", "POST", "PUT", "PATCH", "DELETE"]
               select new Route(method, root, resources.Answer),
        ];
    }

    public override string Name => "kubernetes";

    public override bool Tls => _context.Options.KubernetesTls;

    public override IReadOnlyList<Route> Routes { get; }

    public override Reply? Ask(Documents documents, Call call, string what) =>
        what == "network" ? new Network(documents, _context.Seed).Answer(call) : null;

    public override Reply? Authenticate(Call call)
    {
        var token = call.Credential("Bearer");
        call.Caller = token == _context.Credentials.KubernetesToken ? Admin : token == _context.Credentials.KubernetesReadToken ? Viewer : "";
        if (call.RawPath is "/version" or "/healthz" or "/livez" or "/readyz" && token is null)
        {
            return null;
        }

        if (call.Caller.Length == 0)
        {
            return Error(call, 401);
        }

        if (call.Caller == Admin && _context.Seed.KubernetesRules is { } rules && ResourceRequest.Parse(call.Documents, call.RawPath) is { } asked)
        {
            Rbac.Check(call, asked, new Cluster(call.Documents, _context.Options), rules);
        }

        if (call.Caller == Viewer && s_verbs.TryGetValue(call.Method, out var verb)
            && ResourceRequest.Parse(call.Documents, call.RawPath) is { } request)
        {
            var where = request.Namespace is null ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
            throw KubernetesErrors.Forbidden(
                request.Type,
                request.Name ?? "",
                $"User \"{Viewer}\" cannot {verb} resource \"{request.Type.Plural}\" in API group \"{request.Type.Group}\" {where}");
        }

        return null;
    }

    public override Reply Error(Call call, int status) => status switch
    {
        400 => KubernetesErrors.Status(400, "BadRequest", "the server rejected our request for an unknown reason"),
        401 => KubernetesErrors.Status(401, "Unauthorized", "Unauthorized"),
        403 => KubernetesErrors.Status(403, "Forbidden", "forbidden: User cannot perform this operation", new JsonObject()),
        404 => KubernetesErrors.Status(404, "NotFound", "the server could not find the requested resource", new JsonObject()),
        405 => KubernetesErrors.Status(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject()),
        409 => KubernetesErrors.Status(409, "Conflict", "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again"),
        422 => KubernetesErrors.Status(422, "Invalid", "the server rejected our request due to an error in our request"),
        429 => KubernetesErrors.Status(429, "TooManyRequests", "the server has received too many requests and has asked us to try again later", new JsonObject { ["retryAfterSeconds"] = 1 })
            .With("Retry-After", "1"),
        503 => KubernetesErrors.Status(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
        504 => KubernetesErrors.Status(504, "Timeout", "the server was unable to return a response in the time allotted"),
        _ => KubernetesErrors.Status(status, "InternalError", "an error on the server (\"\") has prevented the request from succeeding"),
    };

    public override Reply Finish(Call call, Reply reply) =>
        reply.With("Audit-Id", Guid.NewGuid().ToString()).With("Cache-Control", "no-cache, private");

    public override void Seed(Documents documents)
    {
        var cluster = new Cluster(documents, _context.Options);
        foreach (var type in ResourceType.SeededCustom.Where(t => !_context.Seed.MissingCustomResourceGroups.Contains(t.Group)))
        {
            Add(cluster, new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false), type.Definition());
        }

        foreach (var name in (IEnumerable<string>)["default", "kube-system", "kube-public", .. _context.Seed.Namespaces])
        {
            Add(cluster, new("", "v1", "namespaces", "Namespace", false), new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });
            new NamespaceController(cluster, _context.Options).AddDefaults(name);
        }

        if (_context.Seed.Namespaces.Contains("argocd") && !_context.Seed.MissingCustomResourceGroups.Contains("argoproj.io"))
        {
            Add(cluster, new("argoproj.io", "v1alpha1", "appprojects", "AppProject", true) { HasGeneration = true, Custom = true }, ArgoProjects.Default("argocd"));
        }

        foreach (var name in _context.Seed.ClusterRoles)
        {
            Add(cluster, new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false), new JsonObject
            {
                ["apiVersion"] = "rbac.authorization.k8s.io/v1", ["kind"] = "ClusterRole", ["metadata"] = new JsonObject { ["name"] = name }, ["rules"] = new JsonArray(),
            });
        }
    }

    public override void OnDue(Documents documents, string action, string key)
    {
        var cluster = new Cluster(documents, _context.Options);
        var namespaces = new NamespaceController(cluster, _context.Options);
        switch (action)
        {
            case "namespace-defaults":
                namespaces.AddDefaults(key);
                break;
            case "finalize-namespace":
                namespaces.Finalize(key);
                break;
            case "sync-quota":
                namespaces.SyncQuotas(key);
                break;
            case "reconcile":
                new DeliveryControllers(cluster).Reconcile(key);
                break;
        }
    }

    private static void Add(Cluster cluster, ResourceType type, JsonObject item)
    {
        FieldManagement.Update(cluster.Documents.Now, null, item, "sandbox");
        cluster.Complete(type, item);
        cluster.Save(type, null, item);
    }

    private static Reply ReviewAccess(Call call)
    {
        var body = call.TryReadObject();
        var verb = body.Text("spec", "resourceAttributes", "verb");
        return Reply.Json(
            201,
            new JsonObject
            {
                ["kind"] = "SelfSubjectAccessReview",
                ["apiVersion"] = "authorization.k8s.io/v1",
                ["metadata"] = new JsonObject(),
                ["spec"] = body.At("spec").Copy(),
                ["status"] = new JsonObject { ["allowed"] = call.Caller == Admin || verb is "get" or "list" or "watch" },
            },
            "application/json");
    }

    private static Reply ReviewSelf(Call call) => Reply.Json(
        201,
        new JsonObject
        {
            ["kind"] = "SelfSubjectReview",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["status"] = new JsonObject { ["userInfo"] = new JsonObject { ["username"] = call.Caller, ["groups"] = Json.TextArray("system:authenticated") } },
        },
        "application/json");
}
