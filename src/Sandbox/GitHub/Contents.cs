using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>Branches, commits and files, with git's ids deciding who may overwrite what.</summary>
internal sealed class Contents(Repositories repositories)
{
    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/repos/{owner}/{repo}/contents", call => Show(call, "")),
        new("GET", "/repos/{owner}/{repo}/contents/{**path}", call => Show(call, call["path"])),
        new("PUT", "/repos/{owner}/{repo}/contents/{**path}", Put),
        new("DELETE", "/repos/{owner}/{repo}/contents/{**path}", Delete),
        new("GET", "/repos/{owner}/{repo}/commits", ListCommits),
        new("GET", "/repos/{owner}/{repo}/commits/{**ref}", ShowCommit),
        new("GET", "/repos/{owner}/{repo}/branches", ListBranches),
    ];

    /// <summary>Refuses writes to a branch that its protection or a ruleset forbids: most rules leave only the way by a pull request.</summary>
    public static void CheckProtection(Call call, JsonObject repository, string branch)
    {
        var protection = call.Documents.Get("protection", Repositories.Prefix(repository) + branch);
        var binds = protection.Flag("enforce_admins") || call.Caller != GitHubAuthentication.Bot;
        if (binds && protection.Object("required_pull_request_reviews") is { } reviews
            && !reviews.Texts("bypass_pull_request_allowances", "apps").Concat(reviews.Texts("bypass_pull_request_allowances", "users"))
                .Any(a => call.Caller.Replace("[bot]", "", StringComparison.Ordinal).Equals(a, StringComparison.OrdinalIgnoreCase)))
        {
            throw GitHubErrors.Refuse(409, "Repository rule violations found\n\nChanges must be made through a pull request.\n\n");
        }

        if (binds && protection.Object("required_status_checks") is { } checks
            && checks.Texts("contexts").Concat((checks.Array("checks") ?? []).Select(c => c.Text("context")).OfType<string>()).FirstOrDefault() is { } check
            && protection.Object("required_pull_request_reviews") is null)
        {
            throw GitHubErrors.Refuse(409, $"Could not update file: Required status check \"{check}\" is expected.");
        }

        Rulesets.Check(call, repository, branch);
    }

    public static JsonObject ShownCommit(Call call, JsonObject repository, string sha, JsonObject commit)
    {
        var url = $"{call.BaseUrl}/repos/{repository.Text("owner")}/{repository.Text("name")}";
        return new JsonObject
        {
            ["sha"] = sha,
            ["node_id"] = $"C_{sha[..12]}",
            ["url"] = $"{url}/commits/{sha}",
            ["html_url"] = $"{call.BaseUrl}/{repository.Text("owner")}/{repository.Text("name")}/commit/{sha}",
            ["commit"] = new JsonObject
            {
                ["message"] = commit.Text("message"),
                ["author"] = commit["author"].Copy(),
                ["committer"] = commit["author"].Copy(),
                ["tree"] = new JsonObject { ["sha"] = commit.Text("tree"), ["url"] = $"{url}/git/trees/{commit.Text("tree")}" },
            },
            ["author"] = Account(call, commit.Text("author", "name")),
            ["committer"] = Account(call, commit.Text("author", "name")),
            ["parents"] = Json.ToArray(commit.Texts("parents").Select(p => (JsonNode)new JsonObject { ["sha"] = p })),
        };
    }

    /// <summary>Whose commit it is; nobody's that GitHub knows when the author is no account's.</summary>
    private static JsonObject? Account(Call call, string? author) => author == GitHubAuthentication.BotUser
        ? new JsonObject { ["login"] = author, ["id"] = 41_898_282_000, ["type"] = "Bot" }
        : call.Documents.Get("user", author?.ToLowerInvariant() ?? "")?.Copy();

    /// <summary>What a commit changed, against its first parent.</summary>
    private static JsonArray Files(GitStore git, JsonObject commit)
    {
        var before = commit.Texts("parents").FirstOrDefault() is { } parent ? git.TreeOfCommit(parent) : [];
        var after = git.Tree(commit.Text("tree")!);
        return Json.ToArray(before.Keys.Union(after.Keys).Where(p => before.GetValueOrDefault(p) != after.GetValueOrDefault(p)).Select(p => (JsonNode)new JsonObject
        {
            ["filename"] = p,
            ["sha"] = after.GetValueOrDefault(p) ?? before[p],
            ["status"] = !before.ContainsKey(p) ? "added" : !after.ContainsKey(p) ? "removed" : "modified",
        }));
    }

    private static JsonObject File(Call call, JsonObject repository, string path, string branch, string sha, byte[] content, bool withContent)
    {
        var api = $"{call.BaseUrl}/repos/{repository.Text("owner")}/{repository.Text("name")}";
        var html = $"{call.BaseUrl}/{repository.Text("owner")}/{repository.Text("name")}/blob/{branch}/{path}";
        var self = $"{api}/contents/{path}?ref={branch}";
        var file = new JsonObject
        {
            ["type"] = "file",
            ["size"] = content.Length,
            ["name"] = path[(path.LastIndexOf('/') + 1)..],
            ["path"] = path,
            ["sha"] = sha,
            ["url"] = self,
            ["git_url"] = $"{api}/git/blobs/{sha}",
            ["html_url"] = html,
            ["download_url"] = html.Replace("/blob/", "/raw/", StringComparison.Ordinal),
            ["_links"] = new JsonObject { ["self"] = self, ["git"] = $"{api}/git/blobs/{sha}", ["html"] = html },
        };
        if (withContent)
        {
            var large = content.Length > 1_000_000;
            file["encoding"] = large ? "none" : "base64";
            file["content"] = large ? "" : Wrapped(Convert.ToBase64String(content));
        }

        return file;
    }

    private static string Wrapped(string base64) => string.Concat(base64.Chunk(60).Select(line => new string(line) + "\n"));

    private static string? Resolve(Call call, JsonObject repository, string? reference)
    {
        var git = Repositories.Git(call, repository);
        var name = reference ?? repository.Text("default_branch")!;
        name = name.StartsWith("refs/heads/", StringComparison.Ordinal) ? name["refs/heads/".Length..] : name;
        return git.Branch(name) ?? (git.Commit(name) is null ? null : name);
    }

    /// <summary>Whether the file itself is asked for, by its media type with or without a version.</summary>
    private static bool IsRaw(Call call) =>
        (call.Header("Accept") ?? "").Split(',').Any(a => a.Trim().StartsWith("application/vnd.github.", StringComparison.OrdinalIgnoreCase) && a.Contains("raw", StringComparison.OrdinalIgnoreCase));

    private Reply Show(Call call, string path)
    {
        var repository = repositories.Find(call);
        var git = Repositories.Git(call, repository);
        if (git.IsEmpty)
        {
            return GitHubErrors.Reply(404, "This repository is empty.");
        }

        var reference = call.Parameter("ref");
        if (Resolve(call, repository, reference) is not { } commit)
        {
            return GitHubErrors.Reply(404, $"No commit found for the ref {reference}");
        }

        var branch = reference ?? repository.Text("default_branch")!;
        var tree = git.TreeOfCommit(commit);
        path = path.Trim('/');
        if (tree.TryGetValue(path, out var blob))
        {
            return IsRaw(call)
                ? new Reply { Status = 200, Body = git.Blob(blob)!, ContentType = "application/vnd.github.raw; charset=utf-8" }
                : Reply.Json(200, File(call, repository, path, branch, blob, git.Blob(blob)!, withContent: true));
        }

        var prefix = path.Length == 0 ? "" : path + "/";
        var below = tree.Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (below.Count == 0)
        {
            return GitHubErrors.NotFound();
        }

        var entries = new JsonArray();
        foreach (var group in below.GroupBy(f => f.Key[prefix.Length..].Split('/')[0], StringComparer.Ordinal))
        {
            var first = group.First();
            var isFile = first.Key == prefix + group.Key;
            entries.Add((JsonNode)(isFile
                ? File(call, repository, first.Key, branch, first.Value, git.Blob(first.Value)!, withContent: false)
                : new JsonObject { ["type"] = "dir", ["name"] = group.Key, ["path"] = prefix + group.Key, ["size"] = 0 }));
        }

        return Reply.Json(200, entries);
    }

    private Reply Put(Call call)
    {
        var body = call.Object();
        if (body.Text("message") is null || body.Text("content") is null)
        {
            return GitHubErrors.Reply(422, $"Invalid request.\n\n\"{(body.Text("message") is null ? "message" : "content")}\" wasn't supplied.");
        }

        byte[] content;
        try
        {
            content = Convert.FromBase64String(body.Text("content")!.ReplaceLineEndings(""));
        }
        catch (FormatException)
        {
            return GitHubErrors.Reply(422, "content is not valid Base64");
        }

        return Change(call, body, (git, tree, path) =>
        {
            if (tree.TryGetValue(path, out var before))
            {
                CheckSha(body.Text("sha"), before, path);
            }
            else if (body.Text("sha") is { } given)
            {
                throw GitHubErrors.Refuse(409, $"{path} does not match {given}");
            }

            tree[path] = git.PutBlob(content);
            return before is null ? 201 : 200;
        });
    }

    private Reply Delete(Call call)
    {
        var body = call.Object();
        foreach (var name in call.Query.Where(q => q.Key is "sha" or "message" or "branch"))
        {
            body[name.Key] = name.Value;
        }

        return Change(call, body, (_, tree, path) =>
        {
            if (!tree.TryGetValue(path, out var before))
            {
                throw new Refusal(GitHubErrors.NotFound());
            }

            CheckSha(body.Text("sha"), before, path);
            tree.Remove(path);
            return 200;
        });
    }

    private static void CheckSha(string? given, string actual, string path)
    {
        if (given is null)
        {
            throw GitHubErrors.Refuse(422, "Invalid request.\n\n\"sha\" wasn't supplied.");
        }

        if (given != actual)
        {
            throw GitHubErrors.Refuse(409, $"{path} does not match {given}");
        }
    }

    private Reply Change(Call call, JsonObject body, Func<GitStore, SortedDictionary<string, string>, string, int> change)
    {
        var repository = repositories.FindWritable(call);
        var git = Repositories.Git(call, repository);
        if (repository.Flag("populating"))
        {
            return GitHubErrors.Reply(409, "Git Repository is empty.");
        }

        var branch = body.Text("branch") ?? repository.Text("default_branch")!;
        if (!git.IsEmpty && git.Branch(branch) is null)
        {
            return GitHubErrors.Reply(404, $"Branch {branch} not found");
        }

        CheckProtection(call, repository, branch);
        var path = call["path"].Trim('/');
        var status = 0;
        var committer = body.Object("committer") ?? body.Object("author");
        var commit = git.CommitFiles(
            branch,
            body.Text("message")!,
            tree => status = change(git, tree, path),
            committer.Text("name") ?? call.Caller,
            committer.Text("email") ?? "bot@acme.test");
        repository["pushed_at"] = call.Now.Seconds();
        Repositories.Save(call.Documents, repository);
        var blob = git.TreeOfCommit(commit).GetValueOrDefault(path);
        return Reply.Json(status, new JsonObject
        {
            ["content"] = blob is null ? null : File(call, repository, path, branch, blob, git.Blob(blob)!, withContent: false),
            ["commit"] = new JsonObject { ["sha"] = commit, ["message"] = body.Text("message") },
        });
    }

    private Reply ListCommits(Call call)
    {
        var repository = repositories.Find(call);
        if (Repositories.Git(call, repository).IsEmpty)
        {
            return GitHubErrors.Reply(409, "Git Repository is empty.");
        }

        return Resolve(call, repository, call.Parameter("sha")) is { } tip
            ? call.Page([.. Repositories.Git(call, repository).History(tip).Select(c => (JsonNode)ShownCommit(call, repository, c.Sha, c.Commit))])
            : GitHubErrors.NotFound();
    }

    private Reply ShowCommit(Call call)
    {
        var repository = repositories.Find(call);
        var git = Repositories.Git(call, repository);
        if (git.IsEmpty)
        {
            return GitHubErrors.Reply(409, "Git Repository is empty.");
        }

        if (Resolve(call, repository, call["ref"]) is not { } sha)
        {
            return GitHubErrors.Reply(422, $"No commit found for SHA: {call["ref"]}");
        }

        var shown = ShownCommit(call, repository, sha, git.Commit(sha)!);
        shown["files"] = Files(git, git.Commit(sha)!);
        return Reply.Json(200, shown);
    }

    private Reply ListBranches(Call call)
    {
        var repository = repositories.Find(call);
        var branches = Repositories.Git(call, repository).Branches().Select(b => (JsonNode)new JsonObject
        {
            ["name"] = b.Name,
            ["commit"] = new JsonObject { ["sha"] = b.Commit },
            ["protected"] = call.Documents.Has("protection", Repositories.Prefix(repository) + b.Name),
        });
        return call.Page([.. branches]);
    }
}
