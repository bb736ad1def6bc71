using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Catalog;

/// <summary>How Backstage refuses: what may not be read isn't there, and what may not be done isn't allowed, without a word of what is missing.</summary>
internal enum Denial
{
    None,
    NotFound,
    NotAllowed,
}

/// <summary>What an external-access token must hold for each call, by the catalog's own names for it.</summary>
internal static class CatalogPermissions
{
    public const string ReadLocations = "catalog.location.read";
    public const string ReadEntities = "catalog.entity.read";
    private const string Root = "/api/catalog/";

    public static bool Holds(IReadOnlyCollection<string>? held, string permission) => held is null || held.Contains(permission, StringComparer.Ordinal);

    /// <summary>Lists are left to their handlers: they come empty.</summary>
    public static Denial Refuse(Call call, IReadOnlyCollection<string>? held)
    {
        if (!call.RawPath.StartsWith(Root, StringComparison.Ordinal))
        {
            return Denial.None;
        }

        var (permission, denial) = (call.Method, Route.Segments(call.RawPath[Root.Length..])) switch
        {
            ("POST", ["locations"]) => ("catalog.location.create", Denial.NotAllowed),
            ("DELETE", ["locations", _]) => ("catalog.location.delete", Denial.NotAllowed),
            ("GET", ["locations", _, ..]) => (ReadLocations, Denial.NotFound),
            ("GET", ["entities", _, ..]) => (ReadEntities, Denial.NotFound),
            ("DELETE", ["entities", ..]) => ("catalog.entity.delete", Denial.NotAllowed),
            ("POST", ["refresh"]) => ("catalog.entity.refresh", Denial.NotAllowed),
            _ => ("", Denial.None),
        };
        return permission.Length > 0 && !Holds(held, permission) ? denial : Denial.None;
    }
}
