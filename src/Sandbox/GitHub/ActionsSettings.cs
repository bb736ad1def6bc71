using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>Variables and secrets of repositories and environments.</summary>
internal sealed partial class ActionsSettings(Repositories repositories)
{
    private const int MaxVariablesAPage = 30;
    private const int MaxValueBytes = 48 * 1024;
    private const int SealedBoxOverhead = 48;
    private const string Repository = "/repos/{owner}/{repo}/actions";
    private const string Environment = "/repos/{owner}/{repo}/environments/{environment}";

    public IReadOnlyList<Route> Routes =>
    [
        .. Scoped(Repository),
        .. Scoped(Environment),
    ];

    [GeneratedRegex("^[A-Z_][A-Z0-9_]*$")]
    private static partial Regex SettingName();

    private IEnumerable<Route> Scoped(string prefix) =>
    [
        new("GET", prefix + "/variables", call => call.Page([.. call.Documents.List("variable", Scope(call)).Select(v => (JsonNode)v.Body)], "variables", MaxVariablesAPage)),
        new("POST", prefix + "/variables", CreateVariable),
        new("GET", prefix + "/variables/{name}", call => Reply.Json(200, Variable(call))),
        new("PATCH", prefix + "/variables/{name}", ChangeVariable),
        new("DELETE", prefix + "/variables/{name}", call => Delete(call, "variable")),
        new("GET", prefix + "/secrets", call => call.Page([.. call.Documents.List("secret", Scope(call)).Select(s => (JsonNode)ShownSecret(s.Body))], "secrets")),
        new("GET", prefix + "/secrets/public-key", ShowKey),
        new("GET", prefix + "/secrets/{name}", ShowSecret),
        new("PUT", prefix + "/secrets/{name}", PutSecret),
        new("DELETE", prefix + "/secrets/{name}", call => Delete(call, "secret")),
    ];

    /// <summary>Key prefix of the repository's own settings (<c>…/-/</c>) or of an environment's, which must exist.</summary>
    private string Scope(Call call)
    {
        var repository = call.Method == "GET" ? repositories.Find(call) : repositories.FindWritable(call);
        if (!call.Values.TryGetValue("environment", out var environment))
        {
            return Repositories.Prefix(repository) + "-/";
        }

        var key = Repositories.Prefix(repository) + environment.ToLowerInvariant();
        return call.Documents.Has("environment", key) ? key + "/" : throw new Refusal(GitHubErrors.NotFound());
    }

    private string Key(Call call) => Scope(call) + call["name"].ToUpperInvariant();

    private Reply Delete(Call call, string kind) => call.Documents.Delete(kind, Key(call)) ? Reply.Empty(204) : GitHubErrors.NotFound();

    private JsonObject Variable(Call call) => call.Documents.Get("variable", Key(call)) ?? throw new Refusal(GitHubErrors.NotFound());

    private static string CheckName(string? name)
    {
        var upper = name?.ToUpperInvariant() ?? "";
        return !SettingName().IsMatch(upper) || upper.StartsWith("GITHUB_", StringComparison.Ordinal)
            ? throw new Refusal(GitHubErrors.Reply(
                422, "Validation Failed", ["Names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_), must not start with a number or GITHUB_."]))
            : upper;
    }

    private Reply CreateVariable(Call call)
    {
        var body = call.Object();
        var name = CheckName(body.Text("name"));
        CheckValue(body);
        var key = Scope(call) + name;
        if (call.Documents.Has("variable", key))
        {
            return GitHubErrors.Reply(409, "Already exists - Variable already exists");
        }

        call.Documents.Put("variable", key, new JsonObject
        {
            ["name"] = name, ["value"] = body.Text("value"), ["created_at"] = call.Now.Seconds(), ["updated_at"] = call.Now.Seconds(),
        });
        return Reply.Json(201, new JsonObject());
    }

    private static void CheckValue(JsonObject body)
    {
        if (body.Text("value") is not { } value)
        {
            throw GitHubErrors.Refuse(422, "Invalid request.\n\n\"value\" wasn't supplied.");
        }

        if (value.Length > MaxValueBytes)
        {
            throw new Refusal(GitHubErrors.Reply(422, "Validation Failed", ["Value is too large"]));
        }
    }

    private Reply ChangeVariable(Call call)
    {
        var variable = Variable(call);
        var body = call.Object();
        var name = body.Text("name") is { } wanted ? CheckName(wanted) : variable.Text("name");
        if (body["value"] is not null)
        {
            CheckValue(body);
        }

        var changed = new JsonObject
        {
            ["name"] = name,
            ["value"] = body.Text("value") ?? variable.Text("value"),
            ["created_at"] = variable.Text("created_at"),
            ["updated_at"] = call.Now.Seconds(),
        };
        call.Documents.Delete("variable", Key(call));
        call.Documents.Put("variable", Scope(call) + name, changed);
        return Reply.Empty(204);
    }

    private Reply ShowKey(Call call)
    {
        var key = SealedBox.KeyOf(Scope(call));
        return Reply.Json(200, new JsonObject { ["key_id"] = key.Id, ["key"] = Convert.ToBase64String(key.PublicKey) });
    }

    private static JsonObject ShownSecret(JsonObject secret) =>
        new() { ["name"] = secret.Text("name"), ["created_at"] = secret.Text("created_at"), ["updated_at"] = secret.Text("updated_at") };

    private Reply ShowSecret(Call call) =>
        call.Documents.Get("secret", Key(call)) is { } secret ? Reply.Json(200, ShownSecret(secret)) : GitHubErrors.NotFound();

    /// <summary>Opens the box to see that it really was sealed for this key, and keeps only that it is there.</summary>
    private Reply PutSecret(Call call)
    {
        var body = call.Object();
        var name = CheckName(call["name"]);
        var scope = Scope(call);
        var key = SealedBox.KeyOf(scope);
        if (body.Text("key_id") != key.Id)
        {
            return GitHubErrors.Reply(422, "Validation Failed", ["The key_id does not match the current public key"]);
        }

        var box = new byte[MaxValueBytes * 2];
        if (!Convert.TryFromBase64String(body.Text("encrypted_value") ?? "", box, out var length)
            || length < SealedBoxOverhead
            || SealedBox.Open(box.AsSpan(0, length), key) is null)
        {
            return GitHubErrors.Reply(422, "Validation Failed", ["encrypted_value is not a sealed box for this key"]);
        }

        var before = call.Documents.Get("secret", scope + name);
        call.Documents.Put("secret", scope + name, new JsonObject
        {
            ["name"] = name, ["created_at"] = before.Text("created_at") ?? call.Now.Seconds(), ["updated_at"] = call.Now.Seconds(),
        });
        return before is null ? Reply.Json(201, new JsonObject()) : Reply.Empty(204);
    }
}
