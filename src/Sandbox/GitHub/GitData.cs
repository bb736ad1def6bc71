using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>The Git Data API: several files in one commit, and references that only move forward.</summary>
internal sealed class GitData(Repositories repositories)
{
    private const string Git = "/repos/{owner}/{repo}/git";

    public IReadOnlyList<Route> Routes =>
    [
        new("POST", Git + "/blobs", CreateBlob),
        new("GET", Git + "/blobs/{sha}", ShowBlob),
        new("POST", Git + "/trees", CreateTree),
        new("GET", Git + "/trees/{**sha}", ShowTree),
        new("POST", Git + "/commits", CreateCommit),
        new("GET", Git + "/commits/{sha}", ShowCommit),
        new("GET", Git + "/ref/heads/{**branch}", ShowReference),
        new("GET", Git + "/matching-refs/heads/{**branch}", ShowReference),
        new("POST", Git + "/refs", CreateReference),
        new("PATCH", Git + "/refs/heads/{**branch}", MoveReference),
        new("DELETE", Git + "/refs/heads/{**branch}", DeleteReference),
    ];

    private (JsonObject Repository, GitStore Git) Open(Call call)
    {
        var repository = call.Method == "GET" ? repositories.Find(call) : repositories.FindWritable(call);
        var git = Repositories.Git(call, repository);
        return git.IsEmpty ? throw GitHubErrors.Refuse(409, "Git Repository is empty.") : (repository, git);
    }

    private Reply CreateBlob(Call call)
    {
        var (_, git) = Open(call);
        var body = call.Object();
        try
        {
            var content = body.Text("encoding") == "base64" ? Convert.FromBase64String(body.Text("content") ?? "") : Encoding.UTF8.GetBytes(body.Text("content") ?? "");
            return Reply.Json(201, new JsonObject { ["sha"] = git.PutBlob(content) });
        }
        catch (FormatException)
        {
            return GitHubErrors.Reply(422, "content is not valid Base64");
        }
    }

    private Reply ShowBlob(Call call)
    {
        var (_, git) = Open(call);
        return git.Blob(call["sha"]) is { } content
            ? Reply.Json(200, new JsonObject { ["sha"] = call["sha"], ["size"] = content.Length, ["encoding"] = "base64", ["content"] = Convert.ToBase64String(content) })
            : GitHubErrors.NotFound();
    }

    private Reply CreateTree(Call call)
    {
        var (_, git) = Open(call);
        var body = call.Object();
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (body.Text("base_tree") is { } start)
        {
            var id = git.Commit(start).Text("tree") ?? start;
            if (!git.HasTree(id))
            {
                return GitHubErrors.NotFound();
            }

            tree = git.Tree(id);
        }

        foreach (var entry in body.Array("tree") ?? throw GitHubErrors.Refuse(422, "Invalid request.\n\n\"tree\" wasn't supplied."))
        {
            var path = entry.Text("path") ?? "";
            if (entry.Text("content") is { } content)
            {
                tree[path] = git.PutBlob(Encoding.UTF8.GetBytes(content));
            }
            else if (entry.Text("sha") is { } sha)
            {
                tree[path] = git.Blob(sha) is null ? throw GitHubErrors.Refuse(422, $"tree.sha {sha} is not a valid blob") : sha;
            }
            else
            {
                tree.Remove(path);
            }
        }

        return Reply.Json(201, Shown(git, git.PutTree(tree)));
    }

    private Reply ShowTree(Call call)
    {
        var (_, git) = Open(call);
        var sha = git.Branch(call["sha"]) ?? call["sha"];
        sha = git.Commit(sha).Text("tree") ?? sha;
        return git.HasTree(sha) ? Reply.Json(200, Shown(git, sha)) : GitHubErrors.NotFound();
    }

    private static JsonObject Shown(GitStore git, string sha) => new()
    {
        ["sha"] = sha,
        ["truncated"] = false,
        ["tree"] = Json.ToArray(git.Tree(sha).Select(f => (JsonNode)new JsonObject
        {
            ["path"] = f.Key, ["mode"] = "100644", ["type"] = "blob", ["sha"] = f.Value, ["size"] = git.Blob(f.Value)?.Length,
        })),
    };

    private Reply CreateCommit(Call call)
    {
        var (_, git) = Open(call);
        var body = call.Object();
        if (body.Text("message") is not { } message || body.Text("tree") is not { } tree)
        {
            return GitHubErrors.Reply(422, $"Invalid request.\n\n\"{(body.Text("message") is null ? "message" : "tree")}\" wasn't supplied.");
        }

        if (!git.HasTree(tree) || body.Texts("parents").Any(p => git.Commit(p) is null))
        {
            return GitHubErrors.Reply(422, "Tree SHA does not exist or a parent SHA does not exist");
        }

        var author = body.Object("author");
        var sha = git.PutCommit(tree, message, body.Texts("parents"), author.Text("name") ?? call.Caller, author.Text("email") ?? "bot@acme.test");
        return Reply.Json(201, Commit(sha, git.Commit(sha)!));
    }

    private Reply ShowCommit(Call call)
    {
        var (_, git) = Open(call);
        return git.Commit(call["sha"]) is { } commit ? Reply.Json(200, Commit(call["sha"], commit)) : GitHubErrors.NotFound();
    }

    private static JsonObject Commit(string sha, JsonObject commit) => new()
    {
        ["sha"] = sha,
        ["message"] = commit.Text("message"),
        ["author"] = commit["author"].Copy(),
        ["committer"] = commit["author"].Copy(),
        ["tree"] = new JsonObject { ["sha"] = commit.Text("tree") },
        ["parents"] = Json.ToArray(commit.Texts("parents").Select(p => (JsonNode)new JsonObject { ["sha"] = p })),
    };

    private static JsonObject Reference(string branch, string sha) =>
        new() { ["ref"] = $"refs/heads/{branch}", ["object"] = new JsonObject { ["type"] = "commit", ["sha"] = sha } };

    private Reply ShowReference(Call call)
    {
        var (_, git) = Open(call);
        if (call.RawPath.Contains("/matching-refs/", StringComparison.Ordinal))
        {
            var matching = git.Branches().Where(b => b.Name.StartsWith(call["branch"], StringComparison.Ordinal));
            return Reply.Json(200, Json.ToArray(matching.Select(b => (JsonNode)Reference(b.Name, b.Commit))));
        }

        return git.Branch(call["branch"]) is { } sha ? Reply.Json(200, Reference(call["branch"], sha)) : GitHubErrors.NotFound();
    }

    private Reply CreateReference(Call call)
    {
        var (_, git) = Open(call);
        var body = call.Object();
        const string heads = "refs/heads/";
        if (body.Text("ref")?.StartsWith(heads, StringComparison.Ordinal) != true || git.Commit(body.Text("sha") ?? "") is null)
        {
            return GitHubErrors.Reply(422, body.Text("ref")?.StartsWith(heads, StringComparison.Ordinal) != true
                ? "Reference name must start with 'refs/' and have at least two slashes."
                : "Object does not exist");
        }

        var branch = body.Text("ref")![heads.Length..];
        if (git.Branch(branch) is not null)
        {
            return GitHubErrors.Reply(422, "Reference already exists");
        }

        git.SetBranch(branch, body.Text("sha")!);
        return Reply.Json(201, Reference(branch, body.Text("sha")!));
    }

    private Reply MoveReference(Call call)
    {
        var (repository, git) = Open(call);
        var (branch, body) = (call["branch"], call.Object());
        if (git.Branch(branch) is not { } tip)
        {
            return GitHubErrors.Reply(422, "Reference does not exist");
        }

        if (git.Commit(body.Text("sha") ?? "") is null)
        {
            return GitHubErrors.Reply(422, "Object does not exist");
        }

        Contents.CheckProtection(call, repository, branch);
        if (!body.Flag("force") && !git.History(body.Text("sha")!).Any(c => c.Sha == tip))
        {
            return GitHubErrors.Reply(422, "Update is not a fast forward");
        }

        git.SetBranch(branch, body.Text("sha")!);
        repository["pushed_at"] = call.Now.Seconds();
        Repositories.Save(call.Documents, repository);
        return Reply.Json(200, Reference(branch, body.Text("sha")!));
    }

    private Reply DeleteReference(Call call)
    {
        var (_, git) = Open(call);
        return git.DeleteBranch(call["branch"]) ? Reply.Empty(204) : GitHubErrors.Reply(422, "Reference does not exist");
    }
}
