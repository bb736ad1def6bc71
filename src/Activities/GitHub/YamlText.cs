using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace Onramp.Activities.GitHub;

/// <summary>
/// Writes YAML whose every value is a quoted scalar: <c>true</c>, <c>null</c>, <c>1.0</c>, <c>no</c> or <c>a: b</c> come back as the text they were,
/// whichever version of YAML reads them, and what isn't printable comes back as it was.
/// </summary>
internal static class YamlText
{
    private static readonly ISerializer Serializer = new SerializerBuilder().WithNewLine("\n").Build();

    /// <summary>A document that is a map.</summary>
    public static string Write(YamlMap map) => Serializer.Serialize(map.Node);

    internal static YamlNode Text(string value) => new YamlScalarNode(value) { Style = ScalarStyle.DoubleQuoted };
}

/// <summary>A map in the order in which it is written; what is null is left out. Keys are ours, and plain.</summary>
internal sealed class YamlMap : System.Collections.IEnumerable
{
    public YamlMappingNode Node { get; } = [];

    public void Add((string Key, string? Value) entry)
    {
        if (entry.Value is not null)
            Node.Add(entry.Key, YamlText.Text(entry.Value));
    }

    public void Add((string Key, YamlMap Value) entry) => Node.Add(entry.Key, entry.Value.Node);

    public void Add((string Key, string[] Values) entry) => Node.Add(entry.Key, new YamlSequenceNode(entry.Values.Select(YamlText.Text)));

    public System.Collections.IEnumerator GetEnumerator() => Node.GetEnumerator();
}
