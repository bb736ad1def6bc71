using System.Collections.Frozen;

namespace Onramp.EmbeddedServer.Access;

/// <summary>
/// What a caller may do in which namespaces. Written as Temporal's own permissions are: <c>NAMESPACE:ROLE</c>, where the role is <c>read</c>,
/// <c>write</c> or <c>admin</c>, and <c>*</c> (or <c>temporal-system</c>) stands for every namespace and the server itself.
/// </summary>
public sealed class Grants
{
    private const string Anywhere = "*";
    private const string System = "temporal-system";

    /// <summary>Everything, everywhere.</summary>
    public static readonly Grants All = new([new(Anywhere, Role.Admin)]);

    private readonly FrozenDictionary<string, Role> roles;

    private Grants(IEnumerable<KeyValuePair<string, Role>> permissions) =>
        roles = permissions
            .GroupBy(permission => permission.Key is System ? Anywhere : permission.Key, permission => permission.Value, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Max(), StringComparer.Ordinal);

    /// <summary>The role in every namespace, and for what belongs to none.</summary>
    public Role Everywhere => roles.GetValueOrDefault(Anywhere);

    /// <summary>Reads permissions.</summary>
    /// <exception cref="FormatException">One is not <c>NAMESPACE:ROLE</c>, or there is none; the message names it.</exception>
    public static Grants Parse(IEnumerable<string> permissions)
    {
        KeyValuePair<string, Role>[] read =
        [
            .. permissions.Select(text => ReadOne(text) ?? throw new FormatException($"'{text}' is no permission: it must be NAMESPACE:read, NAMESPACE:write or NAMESPACE:admin.")),
        ];
        return read.Length > 0 ? new Grants(read) : throw new FormatException("There is no permission.");
    }

    /// <summary>Reads what a token's issuer wrote: permissions that mean nothing here grant nothing.</summary>
    internal static Grants ParseKnown(IEnumerable<string> permissions) => new(permissions.Select(ReadOne).OfType<KeyValuePair<string, Role>>());

    /// <summary>The role in a namespace.</summary>
    public Role In(string ns) => roles.TryGetValue(ns, out var role) && role > Everywhere ? role : Everywhere;

    private static KeyValuePair<string, Role>? ReadOne(string text)
    {
        // A namespace's name holds no colon.
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            return null;
        }

        Role? role = text[(colon + 1)..] switch
        {
            "read" or "reader" => Role.Reader,
            "write" or "writer" => Role.Writer,
            "admin" => Role.Admin,
            _ => null,
        };
        return role is null ? null : new(text[..colon], role.Value);
    }
}
