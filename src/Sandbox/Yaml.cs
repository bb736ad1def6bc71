using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Onramp.Sandbox;

/// <summary>YAML read as JSON, plain scalars typed by the core schema.</summary>
internal static class Yaml
{
    /// <summary>The first document, or null when the text isn't YAML.</summary>
    public static JsonNode? Parse(string text) => ParseAll(text)?.FirstOrDefault();

    /// <summary>Every document, or null when the text isn't YAML.</summary>
    public static IReadOnlyList<JsonNode?>? ParseAll(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return [.. stream.Documents.Select(d => Convert(d.RootNode))];
        }
        catch (YamlException)
        {
            return null;
        }
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Convert(c.Value)))),
        YamlSequenceNode list => Json.ToArray(list.Children.Select(Convert)),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" => true,
        "false" or "False" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ when text.Contains('.', StringComparison.Ordinal) && double.TryParse(text, CultureInfo.InvariantCulture, out var real) => real,
        _ => text,
    };
}
