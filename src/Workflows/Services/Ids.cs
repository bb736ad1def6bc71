using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Onramp.Workflows.Services;

/// <summary>
/// Ids that hold for ever. Parts are joined by a colon, which no name can hold and which nobody has to escape. A change's id is a function
/// of who asked and under which key, so that asking again means the same change.
/// </summary>
public static class Ids
{
    public const string ServicePrefix = "service:";
    private const int ChangeIdDigits = 20;

    /// <summary>Workflow id of a service.</summary>
    public static string Service(string name) => ServicePrefix + name;

    /// <summary>Workflow id of a change.</summary>
    public static string Change(string service, string changeId) => $"change:{service}:{changeId}";

    /// <summary>Workflow id of a request: the key itself may be a secret of its caller and isn't shown.</summary>
    public static string Request(string caller, string key) => $"request:{Digest(40, "request", caller, key)}";

    /// <summary>Id of the change that this caller asks for under this key: 80 bits, so that two never meet.</summary>
    public static string ChangeId(string caller, string key) => Digest(ChangeIdDigits, "change", caller, key);

    /// <summary>Id of the change that follows from another by itself (the removal after the grace period), once for each number.</summary>
    public static string Following(string changeId, string what) => Digest(ChangeIdDigits, "following", changeId, what);

    /// <summary>Each part is preceded by its length, so no two lists of parts share a digest.</summary>
    public static string Digest(int digits, params ReadOnlySpan<string> parts)
    {
        var form = new StringBuilder();
        foreach (var part in parts)
            form.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part} ");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(form.ToString())))[..digits];
    }
}

/// <summary>What a thing belongs to, and what a change holds alone while it applies: the component, or one environment.</summary>
public static class Scopes
{
    /// <summary>What the environments of a service share.</summary>
    public const string Component = "component";

    /// <summary>The service as a whole: who holds it applies alone. What takes away what the environments share asks for it.</summary>
    public const string Whole = "service";

    private const string EnvironmentPrefix = "environment:";

    public static string Environment(string name) => EnvironmentPrefix + name;

    /// <summary>The environment of a scope; null for the component.</summary>
    public static string? EnvironmentOf(string scope) =>
        scope.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) ? scope[EnvironmentPrefix.Length..] : null;
}
