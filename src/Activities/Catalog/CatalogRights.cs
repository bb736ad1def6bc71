using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Catalog;

/// <summary>
/// What the platform's token may have to be given in Backstage. A catalog tells whoever may not read that there is nothing, so what was just
/// registered and isn't there says that a right is missing; but a moment after it that may be a moment's lag.
/// </summary>
internal static class CatalogRights
{
    public const string ReadLocations = "catalog.location.read";
    public const string ReadEntities = "catalog.entity.read";

    /// <summary>How long what was registered may not be listed.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(1);

    public static ApplicationFailureException Unlisted(string target, TimeSpan age) => age < Lag
        ? Failures.Transient("Catalog", $"{target} is registered and isn't listed: either not yet, or the token lacks {ReadLocations}")
        : Missing($"{target} is registered and isn't listed", ReadLocations);

    public static ApplicationFailureException Missing(string message, string permission) =>
        Failures.Of(ErrorTypes.PermissionDenied, "Catalog", $"{message}: the token lacks {permission}", $"Give the platform's token {permission} in Backstage.");
}
