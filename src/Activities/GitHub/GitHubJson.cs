using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using Octokit.Internal;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.GitHub;

/// <summary>
/// Octokit's own JSON, with two differences: a word that GitHub has added since (a new visibility, a new type of account) reads as null, where
/// Octokit would throw away the whole answer; and an answer that can't be read is a failure that doesn't show it, since it may hold a token.
/// </summary>
internal sealed class GitHubJson : IJsonSerializer
{
    private const int MaxDepth = 8;

    private readonly SimpleJsonSerializer octokit = new();

    public string Serialize(object item) => octokit.Serialize(item);

    public T Deserialize<T>(string json)
    {
        try
        {
            return octokit.Deserialize<T>(json);
        }
        catch (ArgumentException)
        {
            return WithoutNewWords<T>(json);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Unreadable(typeof(T), e);
        }
    }

    private T WithoutNewWords<T>(string json)
    {
        try
        {
            var node = JsonNode.Parse(json);
            ForgetNewWords(node, typeof(T), 0);
            return octokit.Deserialize<T>(node?.ToJsonString() ?? "null");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Unreadable(typeof(T), e);
        }
    }

    /// <summary>Takes out texts that are no word of the enumeration that they are to become.</summary>
    private static void ForgetNewWords(JsonNode? node, Type type, int depth)
    {
        if (depth > MaxDepth)
            return;
        if (node is JsonArray items && typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType)
        {
            foreach (var item in items)
                ForgetNewWords(item, type.GetGenericArguments()[0], depth + 1);
        }
        if (node is not JsonObject json)
            return;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = json.Select(m => m.Key).FirstOrDefault(k => k.Replace("_", "", StringComparison.Ordinal).Equals(property.Name, StringComparison.OrdinalIgnoreCase));
            var wanted = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (name is null)
                continue;
            if (wanted.IsEnum && json[name] is JsonValue value && !IsWordOf(wanted, value.ToString()))
                json.Remove(name);
            else
                ForgetNewWords(json[name], wanted, depth + 1);
        }
    }

    private static bool IsWordOf(Type enumeration, string word) =>
        Enum.TryParse(enumeration, word, ignoreCase: true, out _)
        || enumeration.GetFields().Any(f => f.GetCustomAttribute<ParameterAttribute>()?.Value == word);

    private static Exception Unreadable(Type type, Exception e) =>
        Failures.Of(ErrorTypes.ExternalBug, "GitHub", $"answered what can't be read as {type.Name} ({e.GetType().Name})");
}
