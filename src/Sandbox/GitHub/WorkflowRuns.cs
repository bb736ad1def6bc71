using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>Workflow files and their runs. Runs are queued and end successfully; nothing is executed.</summary>
internal sealed class WorkflowRuns(Repositories repositories, SandboxOptions options)
{
    private const string Folder = ".github/workflows/";
    private const int MaxInputs = 25;
    private static readonly TimeSpan s_queued = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_runs = TimeSpan.FromSeconds(3);

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/repos/{owner}/{repo}/actions/workflows", List),
        new("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow}", call => Reply.Json(200, Workflow(call, repositories.Find(call)).Shown)),
        new("POST", "/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", Dispatch),
        new("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow}/runs", call => ListRuns(call, Workflow(call, repositories.Find(call)).Path)),
        new("GET", "/repos/{owner}/{repo}/actions/runs", call => ListRuns(call, null)),
        new("GET", "/repos/{owner}/{repo}/actions/runs/{run}", ShowRun),
        new("POST", "/repos/{owner}/{repo}/actions/runs/{run}/cancel", Cancel),
    ];

    /// <summary>The first push of a generated repository starts its workflows.</summary>
    public static void OnPush(Documents documents, JsonObject repository)
    {
        var git = new GitStore(documents, repository.Number("id")!.Value);
        if (git.Branch(repository.Text("default_branch")!) is { } tip)
        {
            foreach (var path in git.TreeOfCommit(tip).Keys.Where(p => p.StartsWith(Folder, StringComparison.Ordinal)))
            {
                Start(documents, repository, path, "push", repository.Text("default_branch")!, tip, null);
            }
        }
    }

    private static JsonObject Start(Documents documents, JsonObject repository, string path, string trigger, string branch, string sha, JsonNode? inputs)
    {
        var id = 9_000_000_000 + documents.Next("run");
        var run = new JsonObject
        {
            ["id"] = id,
            ["path"] = path,
            ["event"] = trigger,
            ["head_branch"] = branch,
            ["head_sha"] = sha,
            ["created_at"] = documents.Now.Seconds(),
            ["inputs"] = inputs.Copy(),
        };
        documents.Put("run", Repositories.Prefix(repository) + id.ToString(CultureInfo.InvariantCulture), run);
        return run;
    }

    private static (string Path, JsonObject Shown) Describe(Call call, JsonObject repository, string path, int index) => (path, new JsonObject
    {
        ["id"] = repository.Number("id") * 100 + index,
        ["name"] = path[Folder.Length..],
        ["path"] = path,
        ["state"] = "active",
        ["url"] = $"{call.BaseUrl}/repos/{repository.Text("owner")}/{repository.Text("name")}/actions/workflows/{path[Folder.Length..]}",
    });

    private List<(string Path, JsonObject Shown)> Indexed(Call call, JsonObject repository)
    {
        var git = Repositories.Git(call, repository);
        return git.Branch(repository.Text("default_branch")!) is { } tip && Json.ToTime(repository.Text("pushed_at")) + options.WorkflowIndexingDelay <= call.Now
            ? [.. git.TreeOfCommit(tip).Keys.Where(p => p.StartsWith(Folder, StringComparison.Ordinal)).Select((p, i) => Describe(call, repository, p, i))]
            : [];
    }

    private (string Path, JsonObject Shown) Workflow(Call call, JsonObject repository)
    {
        var found = Indexed(call, repository).Find(w => w.Path == Folder + call["workflow"] || w.Shown["id"]!.ToString() == call["workflow"]);
        return found.Path is null ? throw new Refusal(GitHubErrors.NotFound()) : found;
    }

    private Reply List(Call call) => call.Page([.. Indexed(call, repositories.Find(call)).Select(w => (JsonNode)w.Shown)], "workflows");

    private Reply Dispatch(Call call)
    {
        var repository = repositories.FindWritable(call);
        var (path, _) = Workflow(call, repository);
        var git = Repositories.Git(call, repository);
        var body = call.Object();
        if (body.Text("ref") is not { } reference)
        {
            return GitHubErrors.Reply(422, "Invalid request.\n\n\"ref\" wasn't supplied.");
        }

        var branch = reference.StartsWith("refs/heads/", StringComparison.Ordinal) ? reference["refs/heads/".Length..] : reference;
        if (git.Branch(branch) is not { } tip)
        {
            return GitHubErrors.Reply(422, $"No ref found for: {reference}");
        }

        var source = git.TreeOfCommit(tip).TryGetValue(path, out var blob) ? Encoding.UTF8.GetString(git.Blob(blob)!) : "";
        if (!source.Contains("workflow_dispatch", StringComparison.Ordinal))
        {
            return GitHubErrors.Reply(422, "Workflow does not have 'workflow_dispatch' trigger");
        }

        var inputs = body.Object("inputs");
        if (inputs?.Count > MaxInputs)
        {
            return GitHubErrors.Reply(422, $"Invalid request.\n\nNo more than {MaxInputs} inputs are allowed.");
        }

        var unexpected = inputs?.Select(i => i.Key).Where(name => !source.Contains($" {name}:", StringComparison.Ordinal)).ToList() ?? [];
        if (unexpected.Count > 0)
        {
            return GitHubErrors.Reply(422, $"Unexpected inputs provided: [{string.Join(", ", unexpected.Select(u => $"\"{u}\""))}]");
        }

        var run = Start(call.Documents, repository, path, "workflow_dispatch", branch, tip, inputs);
        return body.Flag("return_run_details")
            ? Reply.Json(200, new JsonObject
            {
                ["workflow_run_id"] = run.Number("id"),
                ["run_url"] = $"{call.BaseUrl}/repos/{repository.Text("owner")}/{repository.Text("name")}/actions/runs/{run.Number("id")}",
                ["html_url"] = $"{call.BaseUrl}/{repository.Text("owner")}/{repository.Text("name")}/actions/runs/{run.Number("id")}",
            })
            : Reply.Empty(204);
    }

    private Reply ListRuns(Call call, string? path)
    {
        var repository = repositories.Find(call);
        var runs = call.Documents.List("run", Repositories.Prefix(repository)).Select(r => r.Body)
            .Where(r => (path is null || r.Text("path") == path) && (call.Parameter("event") is not { } trigger || r.Text("event") == trigger))
            .Reverse();
        return call.Page([.. runs.Select(r => (JsonNode)Shown(call, repository, r))], "workflow_runs");
    }

    private (string Key, JsonObject Run) Run(Call call)
    {
        var key = Repositories.Prefix(repositories.Find(call)) + call["run"];
        return call.Documents.Get("run", key) is { } run ? (key, run) : throw new Refusal(GitHubErrors.NotFound());
    }

    private Reply ShowRun(Call call) => Reply.Json(200, Shown(call, repositories.Find(call), Run(call).Run));

    private Reply Cancel(Call call)
    {
        var (key, run) = Run(call);
        if (Status(call, run).Conclusion is not null)
        {
            return GitHubErrors.Reply(409, "Cannot cancel a workflow run that is completed.");
        }

        run["cancelled"] = true;
        call.Documents.Put("run", key, run);
        return Reply.Json(202, new JsonObject());
    }

    private static (string Status, string? Conclusion) Status(Call call, JsonObject run)
    {
        var age = call.Now - Json.ToTime(run.Text("created_at"))!.Value;
        return run.Flag("cancelled") ? ("completed", "cancelled")
            : age < s_queued ? ("queued", null)
            : age < s_runs ? ("in_progress", null)
            : ("completed", "success");
    }

    private static JsonObject Shown(Call call, JsonObject repository, JsonObject run)
    {
        var shown = run.Copy();
        var (status, conclusion) = Status(call, run);
        shown.Remove("inputs");
        shown.Remove("cancelled");
        shown["status"] = status;
        shown["conclusion"] = conclusion;
        shown["html_url"] = $"{call.BaseUrl}/{repository.Text("owner")}/{repository.Text("name")}/actions/runs/{run.Number("id")}";
        return shown;
    }
}
