using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.GitHub;

/// <summary>GitHub's error bodies.</summary>
internal static class GitHubErrors
{
    private const string Documentation = "https://docs.github.com/rest";

    public static Reply Reply(int status, string message, JsonArray? errors = null)
    {
        var body = new JsonObject { ["message"] = message };
        if (errors is not null)
        {
            body["errors"] = errors;
        }

        body["documentation_url"] = Documentation;
        body["status"] = status.ToString(CultureInfo.InvariantCulture);
        return Http.Reply.Json(status, body);
    }

    public static Reply NotFound() => Reply(404, "Not Found");

    public static Reply Validation(string message, string code, string field, string text, string resource = "Repository") => Reply(
        422,
        message,
        [new JsonObject { ["resource"] = resource, ["code"] = code, ["field"] = field, ["message"] = text }]);

    public static Reply MissingField(string field, string resource) => Reply(
        422, "Validation Failed", [new JsonObject { ["resource"] = resource, ["code"] = "missing_field", ["field"] = field }]);

    public static Refusal Refuse(int status, string message) => new(Reply(status, message));

    /// <summary>The call's body; anything but a JSON object is refused as GitHub refuses it.</summary>
    public static JsonObject Object(this Call call) => call.TryReadObject() ?? throw Refuse(400, call.Text.TrimStart().StartsWith('[')
        ? "Body should be a JSON object"
        : "Problems parsing JSON");

    /// <summary>One page of a list and the <c>Link</c> header that leads on; some lists have smaller pages than others.</summary>
    public static Reply Page(this Call call, IReadOnlyList<JsonNode> items, string? envelope = null, int largest = 100)
    {
        var size = Math.Clamp(Number(call, "per_page", 30), 1, Math.Min(largest, call.MaxPageSize));
        var page = Math.Max(1, Number(call, "page", 1));
        var last = Math.Max(1, (items.Count + size - 1) / size);
        var slice = new JsonArray([.. items.Skip((page - 1) * size).Take(size).Select(i => i.DeepClone())]);
        var reply = Http.Reply.Json(200, envelope is null ? slice : new JsonObject { ["total_count"] = items.Count, [envelope] = slice });
        var links = new List<string>();
        if (page > 1)
        {
            links.Add(Link(call, size, Math.Min(page - 1, last), "prev"));
        }

        if (page < last)
        {
            links.Add(Link(call, size, page + 1, "next"));
            links.Add(Link(call, size, last, "last"));
        }

        if (page > 1)
        {
            links.Add(Link(call, size, 1, "first"));
        }

        return links.Count == 0 ? reply : reply.With("Link", string.Join(", ", links));
    }

    private static string Link(Call call, int size, int page, string rel)
    {
        var others = call.Query.Where(q => q.Key is not ("page" or "per_page"))
            .Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value)}");
        var query = string.Join('&', [.. others, $"per_page={size}", $"page={page}"]);
        return $"<{call.BaseUrl}{call.RawPath}?{query}>; rel=\"{rel}\"";
    }

    private static int Number(Call call, string name, int otherwise) =>
        int.TryParse(call.Parameter(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
