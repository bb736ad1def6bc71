using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Rows for <c>kubectl get</c>.</summary>
internal static class TableView
{
    public static bool Wanted(Call call) => call.Header("Accept")?.StartsWith("application/json;as=Table", StringComparison.Ordinal) == true;

    public static Reply Render(Call call, ResourceType type, IReadOnlyList<JsonObject> items, string version)
    {
        var columns = new JsonArray(Column("Name", "name"));
        if (type.Kind == "Namespace")
        {
            columns.Add((JsonNode)Column("Status", ""));
        }
        else if (type.Custom)
        {
            columns.Add((JsonNode)Column("Ready", ""));
        }

        columns.Add((JsonNode)Column("Age", ""));
        var rows = items.Select(item =>
        {
            var cells = new JsonArray(item.Text("metadata", "name"));
            if (type.Kind == "Namespace")
            {
                cells.Add(item.Text("status", "phase"));
            }
            else if (type.Custom)
            {
                cells.Add((item.Array("status", "conditions") ?? []).FirstOrDefault(c => c.Text("type") == "Ready").Text("status") ?? "");
            }

            cells.Add(Age(call, item));
            return (JsonNode)new JsonObject
            {
                ["cells"] = cells,
                ["object"] = new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = item["metadata"].Copy() },
            };
        });
        return Reply.Json(
            200,
            new JsonObject
            {
                ["kind"] = "Table",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = new JsonObject { ["resourceVersion"] = version },
                ["columnDefinitions"] = columns,
                ["rows"] = Json.ToArray(rows),
            },
            "application/json");
    }

    private static JsonObject Column(string name, string format) =>
        new() { ["name"] = name, ["type"] = "string", ["format"] = format, ["description"] = name, ["priority"] = 0 };

    private static string Age(Call call, JsonObject item)
    {
        var age = call.Now - (Json.ToTime(item.Text("metadata", "creationTimestamp")) ?? call.Now);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(age.TotalDays >= 1 ? (int)age.TotalDays + "d" : age.TotalMinutes >= 2 ? (int)age.TotalMinutes + "m" : (int)age.TotalSeconds + "s")}");
    }
}
