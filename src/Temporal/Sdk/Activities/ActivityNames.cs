using System.Collections.Concurrent;
using System.Reflection;

namespace Temporalio.Activities;

/// <summary>How activities are called that are not named.</summary>
internal static class ActivityNames
{
    private static readonly ConcurrentDictionary<MethodInfo, string?> Known = new();

    /// <summary>As <see cref="FromAttribute"/>, remembered for workflows that call it over and over.</summary>
    public static string? FromAttributeCached(MethodInfo method) => Known.GetOrAdd(method, FromAttribute);

    /// <summary>The name by attribute or method; null for a dynamic activity.</summary>
    public static string? FromAttribute(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<ActivityAttribute>(inherit: false)
            ?? throw new ArgumentException($"{method} missing Activity attribute", nameof(method));
        if (!attribute.Dynamic)
        {
            return attribute.Name ?? FromMethodName(method);
        }

        return attribute.Name is null
            ? null
            : throw new ArgumentException($"Activity {method} cannot be dynamic and have a name", nameof(method));
    }

    private static string FromMethodName(MethodInfo method)
    {
        var name = LocalFunctionName(method.Name) ?? method.Name;
        if (name.Contains('<', StringComparison.Ordinal))
        {
            throw new ArgumentException($"{method} appears to be a lambda, which must have a name on its attribute", nameof(method));
        }

        const string suffix = "Async";
        return typeof(Task).IsAssignableFrom(method.ReturnType)
            && name.Length > suffix.Length
            && name.EndsWith(suffix, StringComparison.Ordinal)
            ? name[..^suffix.Length]
            : name;
    }

    // The compiler calls a local function "<Outer>g__Name|0_1".
    private static string? LocalFunctionName(string name)
    {
        const string marker = ">g__";
        var start = name.IndexOf(marker, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start += marker.Length;
        var end = name.IndexOf('|', start);
        return end < 0 ? null : name[start..end];
    }
}
