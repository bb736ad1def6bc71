using System.IO.Enumeration;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Argo CD's projects: what an application in one may do, and that nothing in one can be removed without it.</summary>
internal static class ArgoProjects
{
    private const string Projects = "appprojects.argoproj.io";

    /// <summary>The project that Argo CD makes for itself: everything, everywhere.</summary>
    public static JsonObject Default(string space) => new()
    {
        ["apiVersion"] = "argoproj.io/v1alpha1",
        ["kind"] = "AppProject",
        ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = space },
        ["spec"] = new JsonObject
        {
            ["sourceRepos"] = Json.TextArray("*"),
            ["destinations"] = new JsonArray(new JsonObject { ["server"] = "*", ["namespace"] = "*" }),
            ["clusterResourceWhitelist"] = new JsonArray(new JsonObject { ["group"] = "*", ["kind"] = "*" }),
        },
    };

    /// <summary>Why an application may not do what it says; null when it may.</summary>
    public static string? Refusal(Documents documents, JsonObject application)
    {
        var name = application.Text("spec", "project") ?? "";
        if (Of(documents, application) is not { } project)
        {
            return $"Application referencing project {name} which does not exist";
        }

        var repository = application.Text("spec", "source", "repoURL") ?? "";
        if (!project.Texts("spec", "sourceRepos").Any(r => Matches(Plain(r), Plain(repository))))
        {
            return $"application repo {repository} is not permitted in project '{name}'";
        }

        var (server, space) = (application.Text("spec", "destination", "server") ?? "", application.Text("spec", "destination", "namespace") ?? "");
        return (project.Array("spec", "destinations") ?? []).Any(d => Matches(d.Text("server") ?? "", server) && Matches(d.Text("namespace") ?? "", space))
            ? null
            : $"application destination server '{server}' and namespace '{space}' do not match any of the allowed destinations in project '{name}'";
    }

    /// <summary>Whether the controller lets go of an object that is being deleted.</summary>
    public static bool MayGo(Documents documents, JsonObject item) => item.Text("kind") switch
    {
        "Application" => Of(documents, item) is not null,
        "AppProject" => !documents.List("applications.argoproj.io", item.Text("metadata", "namespace") + "/")
            .Any(a => a.Body.Text("spec", "project") == item.Text("metadata", "name")),
        _ => true,
    };

    private static JsonObject? Of(Documents documents, JsonObject application) =>
        documents.Get(Projects, $"{application.Text("metadata", "namespace")}/{application.Text("spec", "project")}");

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text);

    private static string Plain(string url) => url.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? url[..^4] : url;
}
