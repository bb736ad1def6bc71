using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>Issues, their labels and comments.</summary>
internal sealed class Issues(Repositories repositories)
{
    private const string All = "/repos/{owner}/{repo}/issues";

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", All, call => call.Page([.. call.Documents.List("issue", Repositories.Prefix(repositories.Find(call)))
            .Where(i => call.Parameter("state") is "all" || i.Body.Text("state") == (call.Parameter("state") ?? "open")).Select(i => (JsonNode)i.Body).Reverse()])),
        new("POST", All, Create),
        new("GET", All + "/{number}", call => Reply.Json(200, Issue(call).Issue)),
        new("PATCH", All + "/{number}", Update),
        new("GET", All + "/{number}/comments", call => call.Page([.. call.Documents.List("comment", Issue(call).Key + "/").Select(c => (JsonNode)c.Body)])),
        new("POST", All + "/{number}/comments", Comment),
        new("POST", All + "/{number}/labels", AddLabels),
    ];

    private (string Key, JsonObject Issue) Issue(Call call)
    {
        var key = Repositories.Prefix(repositories.Find(call)) + call["number"].PadLeft(6, '0');
        return call.Documents.Get("issue", key) is { } issue ? (key, issue) : throw new Refusal(GitHubErrors.NotFound());
    }

    private Reply Create(Call call)
    {
        var repository = repositories.FindWritable(call);
        if (!repository.Flag("has_issues"))
        {
            return GitHubErrors.Reply(410, "Issues are disabled for this repo");
        }

        var body = call.Object();
        if (string.IsNullOrWhiteSpace(body.Text("title")))
        {
            return GitHubErrors.MissingField("title", "Issue");
        }

        var number = call.Documents.Next($"issue/{repository.Number("id")}");
        var issue = new JsonObject
        {
            ["id"] = call.Documents.Next("issue") + 5000,
            ["number"] = number,
            ["title"] = body.Text("title"),
            ["body"] = body.Text("body"),
            ["state"] = "open",
            ["state_reason"] = null,
            ["labels"] = Labels(body.Texts("labels")),
            ["user"] = new JsonObject { ["login"] = call.Caller },
            ["created_at"] = call.Now.Seconds(),
        };
        call.Documents.Put("issue", Repositories.Prefix(repository) + number.ToString("D6", CultureInfo.InvariantCulture), issue);
        return Reply.Json(201, issue);
    }

    private Reply Update(Call call)
    {
        repositories.FindWritable(call);
        var (key, issue) = Issue(call);
        var body = call.Object();
        foreach (var name in (string[])["title", "body", "state", "state_reason"])
        {
            if (body.ContainsKey(name))
            {
                issue[name] = body[name].Copy();
            }
        }

        if (body.Array("labels") is not null)
        {
            issue["labels"] = Labels(body.Texts("labels"));
        }

        call.Documents.Put("issue", key, issue);
        return Reply.Json(200, issue);
    }

    private Reply Comment(Call call)
    {
        repositories.FindWritable(call);
        var (key, _) = Issue(call);
        if (call.Object().Text("body") is not { Length: > 0 } text)
        {
            return GitHubErrors.MissingField("body", "IssueComment");
        }

        var comment = new JsonObject
        {
            ["id"] = call.Documents.Next("comment") + 8000, ["body"] = text, ["user"] = new JsonObject { ["login"] = call.Caller }, ["created_at"] = call.Now.Seconds(),
        };
        call.Documents.Put("comment", $"{key}/{comment.Number("id"):D9}", comment);
        return Reply.Json(201, comment);
    }

    private Reply AddLabels(Call call)
    {
        repositories.FindWritable(call);
        var (key, issue) = Issue(call);
        var labels = (issue.Array("labels") ?? []).Select(l => l.Text("name")!).Concat(call.Object().Texts("labels")).Distinct(StringComparer.Ordinal);
        issue["labels"] = Labels(labels);
        call.Documents.Put("issue", key, issue);
        return Reply.Json(200, issue["labels"]!.DeepClone());
    }

    private static JsonArray Labels(IEnumerable<string> names) => Json.ToArray(names.Select(n => (JsonNode)new JsonObject { ["name"] = n }));
}
