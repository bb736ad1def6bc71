using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.GitHub;

/// <summary>Repositories: created, generated from templates (their content comes later), changed, renamed, archived and deleted.</summary>
internal sealed partial class Repositories(SandboxContext context, GitHubDirectory directory)
{
    /// <summary>Kinds of documents that belong to one repository, keyed by its number.</summary>
    private static readonly string[] s_belongings =
        ["protection", "ruleset", "environment", "variable", "secret", "grant", "run", "issue", "comment", "oidc"];

    private static readonly string[] s_settings =
    [
        "description", "homepage", "has_issues", "has_wiki", "has_projects", "allow_squash_merge", "allow_merge_commit", "allow_rebase_merge",
        "delete_branch_on_merge", "allow_auto_merge", "archived", "is_template", "security_and_analysis", "web_commit_signoff_required",
    ];

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/repos/{owner}/{repo}", call => Reply.Json(200, Shown(call, Find(call)))),
        new("PATCH", "/repos/{owner}/{repo}", Update),
        new("DELETE", "/repos/{owner}/{repo}", Delete),
        new("POST", "/repos/{owner}/{repo}/generate", Generate),
        new("POST", "/orgs/{org}/repos", CreateInOrganization),
        new("GET", "/orgs/{org}/repos", call => ListOfOwner(call, call["org"])),
        new("GET", "/repos/{owner}/{repo}/topics", call => Reply.Json(200, new JsonObject { ["names"] = Find(call)["topics"].Copy() })),
        new("PUT", "/repos/{owner}/{repo}/topics", PutTopics),
    ];

    /// <summary>Whether new repositories' OIDC subjects carry ids.</summary>
    public bool ImmutableSubjects => context.Seed.ImmutableOidcSubjects;

    public long? OrganizationId(Documents documents, string owner) => directory.Organization(documents, owner).Number("id");

    public static string Prefix(JsonObject repository) => $"{repository.Number("id"):D6}/";

    public static GitStore Git(Call call, JsonObject repository) => new(call.Documents, repository.Number("id")!.Value);

    /// <summary>The repository that a call names by owner and name; a former name redirects to the number.</summary>
    public JsonObject Find(Call call) => Find(call, call["owner"], call["repo"]);

    public JsonObject Find(Call call, string owner, string name)
    {
        var key = Key(owner, name);
        if (call.Documents.Get("repository", key) is { } repository)
        {
            return repository;
        }

        if (call.Documents.Get("former-name", key) is { } former && call.Documents.Get("repository", former.Text("now")!) is { } moved)
        {
            var segments = Route.Segments(call.RawPath);
            var rest = segments is ["repos", _, _, .. var tail] ? string.Concat(tail.Select(t => "/" + t)) : "";
            var url = $"{call.BaseUrl}/repositories/{moved.Number("id")}{rest}";
            throw new Refusal(Reply.Json(301, new JsonObject
            {
                ["message"] = "Moved Permanently", ["url"] = url, ["documentation_url"] = "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api",
            }).With("Location", url));
        }

        throw new Refusal(GitHubErrors.NotFound());
    }

    /// <summary>As <see cref="Find(Call)"/>, for calls that write: archived repositories refuse them.</summary>
    public JsonObject FindWritable(Call call)
    {
        var repository = Find(call);
        return repository.Flag("archived") ? throw GitHubErrors.Refuse(403, "Repository was archived so is read-only.") : repository;
    }

    public static void Save(Documents documents, JsonObject repository) =>
        documents.Put("repository", Key(repository.Text("owner")!, repository.Text("name")!), repository);

    public void Seed(Documents documents)
    {
        foreach (var template in context.Seed.Templates)
        {
            var repository = NewRepository(documents, context.Seed.Organization, template.Name, isPrivate: true, "Golden path template");
            repository["is_template"] = true;
            Save(documents, repository);
            var git = new GitStore(documents, repository.Number("id")!.Value);
            git.CommitFiles(
                "main",
                "Initial commit",
                tree =>
                {
                    foreach (var (path, content) in template.Files)
                    {
                        tree[path] = git.PutBlob(Encoding.UTF8.GetBytes(content));
                    }
                },
                "Platform",
                "platform@acme.test");
        }
    }

    /// <summary>The copy of a template's content has arrived.</summary>
    public void Populate(Documents documents, string id)
    {
        var repository = ById(documents, id);
        var source = repository.Object("template") is { } template ? ById(documents, Text(template.Number("id"))) : null;
        if (repository is null || source is null)
        {
            return;
        }

        var from = new GitStore(documents, source.Number("id")!.Value);
        var to = new GitStore(documents, repository.Number("id")!.Value);
        if (from.Branch(source.Text("default_branch")!) is { } tip)
        {
            to.CommitFiles(
                repository.Text("default_branch")!,
                "Initial commit",
                tree =>
                {
                    foreach (var (path, blob) in from.TreeOfCommit(tip))
                    {
                        tree[path] = to.PutBlob(from.Blob(blob));
                    }
                },
                repository.Text("generated_by") ?? GitHubAuthentication.Bot,
                "bot@acme.test");
        }

        repository.Remove("populating");
        repository.Remove("generated_by");
        repository["pushed_at"] = documents.Now.Seconds();
        Save(documents, repository);
        WorkflowRuns.OnPush(documents, repository);
    }

    public JsonObject Shown(Call call, JsonObject repository)
    {
        var shown = repository.Copy();
        var (owner, name) = (repository.Text("owner")!, repository.Text("name")!);
        var html = $"{call.BaseUrl}/{owner}/{name}";
        shown.Remove("template");
        shown.Remove("populating");
        shown.Remove("generated_by");
        shown["node_id"] = $"R_{repository.Number("id")}";
        shown["full_name"] = $"{owner}/{name}";
        shown["owner"] = directory.Organization(call.Documents, owner).Copy();
        shown["url"] = $"{call.BaseUrl}/repos/{owner}/{name}";
        shown["html_url"] = html;
        shown["clone_url"] = html + ".git";
        shown["ssh_url"] = $"git@github.com:{owner}/{name}.git";
        shown["visibility"] = repository.Flag("private") ? repository.Text("visibility") ?? "private" : "public";
        shown["size"] = Git(call, repository).IsEmpty ? 0 : 12;
        shown["permissions"] = new JsonObject { ["admin"] = true, ["maintain"] = true, ["push"] = true, ["triage"] = true, ["pull"] = true };
        if (repository.Object("template") is { } template)
        {
            shown["template_repository"] = template.Copy();
        }

        return shown;
    }

    private static string Key(string owner, string name) => $"{owner}/{name}".ToLowerInvariant();

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    public static JsonObject? ById(Documents documents, string id) =>
        documents.List("repository").Select(r => r.Body).FirstOrDefault(r => Text(r.Number("id")) == id);

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex Unusable();

    private JsonObject NewRepository(Documents documents, string owner, string name, bool isPrivate, string? description)
    {
        var now = documents.Now.Seconds();
        var repository = new JsonObject
        {
            ["id"] = 1316584242 + documents.Next("repository"),
            ["name"] = name,
            ["owner"] = directory.Organization(documents, owner).Text("login"),
            ["private"] = isPrivate,
            ["description"] = description,
            ["default_branch"] = "main",
            ["is_template"] = false,
            ["archived"] = false,
            ["has_issues"] = true,
            ["topics"] = new JsonArray(),
            ["created_at"] = now,
            ["updated_at"] = now,
            ["pushed_at"] = null,
        };
        Save(documents, repository);
        return repository;
    }

    private Reply Generate(Call call)
    {
        var template = Find(call);
        if (!template.Flag("is_template"))
        {
            return GitHubErrors.Reply(422, $"{template.Text("owner")}/{template.Text("name")} is not a template repository");
        }

        var body = call.Object();
        var (owner, name) = (body.Text("owner") ?? context.Seed.Organization, CheckName(body));
        if (call.Documents.Get("organization", owner.ToLowerInvariant()) is null)
        {
            return GitHubErrors.NotFound();
        }

        if (Taken(call, owner, name))
        {
            return GitHubErrors.Reply(422, "Could not clone: Name already exists on this account", ["Could not clone: Name already exists on this account"]);
        }

        var repository = NewRepository(call.Documents, owner, name, body.Flag("private"), body.Text("description"));
        repository["default_branch"] = template.Text("default_branch");
        repository["template"] = new JsonObject
        {
            ["id"] = template.Number("id"),
            ["name"] = template.Text("name"),
            ["full_name"] = $"{template.Text("owner")}/{template.Text("name")}",
            ["is_template"] = true,
        };
        repository["populating"] = true;
        repository["generated_by"] = call.Caller;
        Save(call.Documents, repository);
        call.Documents.Schedule("populate", Text(repository.Number("id")), context.Options.TemplatePopulationDelay);
        return Created(call, repository);
    }

    private Reply CreateInOrganization(Call call)
    {
        directory.Organization(call.Documents, call["org"]);
        var body = call.Object();
        var name = CheckName(body);
        if (Taken(call, call["org"], name))
        {
            return GitHubErrors.Validation("Repository creation failed.", "custom", "name", "name already exists on this account");
        }

        var isPrivate = body.Flag("private") || body.Text("visibility") is "private" or "internal";
        var repository = NewRepository(call.Documents, call["org"], name, isPrivate, body.Text("description"));
        Apply(body, repository);
        if (body.Flag("auto_init"))
        {
            var git = Git(call, repository);
            git.CommitFiles("main", "Initial commit", tree => tree["README.md"] = git.PutBlob(Encoding.UTF8.GetBytes($"# {name}\n")), call.Caller, "bot@acme.test");
            repository["pushed_at"] = call.Now.Seconds();
        }

        Save(call.Documents, repository);
        return Created(call, repository);
    }

    private Reply Created(Call call, JsonObject repository)
    {
        var shown = Shown(call, repository);
        return Reply.Json(201, shown).With("Location", shown.Text("url")!);
    }

    private static string CheckName(JsonObject body)
    {
        var name = body.Text("name") is { Length: > 0 } given ? Unusable().Replace(given, "-") : throw new Refusal(GitHubErrors.MissingField("name", "Repository"));
        return name is "." or ".." || name.Length > 100 || name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".wiki", StringComparison.OrdinalIgnoreCase)
            ? throw new Refusal(GitHubErrors.Validation("Repository creation failed.", "custom", "name", "name is not allowed"))
            : name;
    }

    private static bool Taken(Call call, string owner, string name) => call.Documents.Has("repository", Key(owner, name));

    private Reply ListOfOwner(Call call, string owner)
    {
        directory.Organization(call.Documents, owner);
        return call.Page([.. call.Documents.List("repository", owner.ToLowerInvariant() + "/").Select(r => (JsonNode)Shown(call, r.Body))]);
    }

    private Reply Update(Call call)
    {
        var repository = Find(call);
        var body = call.Object();
        if (repository.Flag("archived") && body["archived"] is null)
        {
            return GitHubErrors.Reply(403, "Repository was archived so is read-only.");
        }

        if (body.Text("default_branch") is { } branch)
        {
            var git = Git(call, repository);
            if (git.IsEmpty)
            {
                return GitHubErrors.Validation(
                    "Validation Failed", "invalid", "default_branch", "Cannot update default branch for an empty repository. Please init the repository and push first.");
            }

            if (git.Branch(branch) is null)
            {
                return GitHubErrors.Validation(
                    "Validation Failed", "invalid", "default_branch", $"The branch {branch} was not found. Please push that ref first or create it via the Git Data API.");
            }

            repository["default_branch"] = branch;
        }

        Apply(body, repository);
        if (body.Text("name") is { } wanted && wanted != repository.Text("name"))
        {
            Rename(call, repository, CheckName(body));
        }

        repository["updated_at"] = call.Now.Seconds();
        Save(call.Documents, repository);
        return Reply.Json(200, Shown(call, repository));
    }

    private static void Apply(JsonObject body, JsonObject repository)
    {
        foreach (var setting in s_settings)
        {
            if (body.ContainsKey(setting))
            {
                repository[setting] = body[setting].Copy();
            }
        }

        if (body.Text("visibility") is { } visibility)
        {
            repository["private"] = visibility != "public";
            repository["visibility"] = visibility;
        }
        else if (body["private"] is not null)
        {
            repository["private"] = body.Flag("private");
        }
    }

    private static void Rename(Call call, JsonObject repository, string name)
    {
        var (owner, old) = (repository.Text("owner")!, repository.Text("name")!);
        if (Taken(call, owner, name) && !name.Equals(old, StringComparison.OrdinalIgnoreCase))
        {
            throw new Refusal(GitHubErrors.Validation("Validation Failed", "custom", "name", "name already exists on this account"));
        }

        call.Documents.Delete("repository", Key(owner, old));
        repository["name"] = name;
        foreach (var (former, target) in call.Documents.List("former-name").Where(f => f.Body.Text("now") == Key(owner, old)))
        {
            target["now"] = Key(owner, name);
            call.Documents.Put("former-name", former, target);
        }

        call.Documents.Put("former-name", Key(owner, old), new JsonObject { ["now"] = Key(owner, name) });
        call.Documents.Delete("former-name", Key(owner, name));
    }

    private Reply Delete(Call call)
    {
        var repository = Find(call);
        Git(call, repository).DeleteEverything();
        foreach (var kind in s_belongings)
        {
            call.Documents.DeleteAll(kind, Prefix(repository));
        }

        var key = Key(repository.Text("owner")!, repository.Text("name")!);
        foreach (var (former, _) in call.Documents.List("former-name").Where(f => f.Body.Text("now") == key))
        {
            call.Documents.Delete("former-name", former);
        }

        call.Documents.Delete("repository", key);
        return Reply.Empty(204);
    }

    private Reply PutTopics(Call call)
    {
        var repository = FindWritable(call);
        if (call.Object().Array("names") is null)
        {
            return GitHubErrors.Reply(422, "Invalid request.\n\n\"names\" wasn't supplied.");
        }

        var names = call.Object().Texts("names").Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count > 20 || names.Exists(n => !TopicName().IsMatch(n)))
        {
            return GitHubErrors.Reply(
                422, "Validation Failed", ["Topics must start with a lowercase letter or number, consist of 50 characters or less, and can include hyphens."]);
        }

        repository["topics"] = Json.TextArray(names);
        Save(call.Documents, repository);
        return Reply.Json(200, new JsonObject { ["names"] = Json.TextArray(names) });
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,49}$")]
    private static partial Regex TopicName();
}
