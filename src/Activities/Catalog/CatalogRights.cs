namespace Onramp.Activities.Catalog;

/// <summary>
/// What the platform's token may have to be given in Backstage. A catalog tells whoever may not read that there is nothing, so it takes what was
/// just registered and isn't there to know that a right is missing.
/// </summary>
internal static class CatalogRights
{
    public const string ReadLocations = "catalog.location.read";
    public const string ReadEntities = "catalog.entity.read";

    public static string Lacks(string permission) => $"the token lacks {permission}";
}
