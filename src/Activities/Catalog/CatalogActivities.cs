using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Catalog;

/// <summary>
/// Registers the repository's catalog file. A location carries no mark, so whether it was there is noted before it is added. The
/// catalog reads it later, and a file it can't use shows only by the entity not coming.
/// </summary>
public sealed class CatalogActivities
{
    private const string SlugAnnotation = "github.com/project-slug";
    private const string OrphanAnnotation = "backstage.io/orphan";

    /// <summary>Where an entity says that it is described, whoever wrote it.</summary>
    private static readonly string[] DescribedIn = ["backstage.io/managed-by-location", "backstage.io/source-location", "backstage.io/managed-by-origin-location"];

    /// <summary>How long what was registered may not be listed.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(1);

    private readonly CatalogClient catalog;
    private readonly TimeProvider time;

    internal CatalogActivities(CatalogClient catalog, TimeProvider time) => (this.catalog, this.time) = (catalog, time);

    [Activity(ActivityNames.RegisterCatalogEntity)]
    public async Task<StepResult> RegisterAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var target = input.Fact(StepFacts.CatalogTarget);
        var location = await catalog.FindLocationAsync(target, cancellationToken);
        if (!input.Facts.TryGetValue(StepFacts.LocationBefore, out var before))
        {
            await RefuseForeignAsync(input, cancellationToken);
            return Found(StepFacts.LocationBefore, location is not null);
        }
        if (location is null)
        {
            var added = await catalog.AddLocationAsync(target, cancellationToken);
            location = await catalog.FindLocationAsync(target, cancellationToken)
                ?? throw await UnlistedAsync(target, before == "absent" ? added : null, cancellationToken);
        }
        var resource = new StepResource("catalog location", location, "", Created: before == "absent");
        if (await catalog.FindEntityAsync(input.Names.CatalogEntityRef, cancellationToken) is not null)
            return Done(resource, Link(input));
        var nothing = await catalog.ShowsEntitiesAsync(cancellationToken) ? "" : $", which shows no entity at all: {CatalogRights.Lacks(CatalogRights.ReadEntities)}?";
        return NotReady($"the catalog to read {target}{nothing}", [resource]) with { Link = Link(input) };
    }

    /// <summary>
    /// Registered, and not listed: for a moment that says nothing, and after it that the token may not read. Then the location is taken away
    /// again, since an undo would not find it.
    /// </summary>
    private async Task<Exception> UnlistedAsync(string target, string? added, CancellationToken cancellationToken)
    {
        if (StepActivity.Age(time) < Lag)
            return Failures.Transient("Catalog", $"{target} is registered and isn't listed: not yet, or {CatalogRights.Lacks(CatalogRights.ReadLocations)}");
        if (added is not null)
            await catalog.DeleteLocationAsync(added, cancellationToken);
        return Failures.Of(
            ErrorTypes.PermissionDenied, "Catalog", $"{target} was registered and isn't listed: {CatalogRights.Lacks(CatalogRights.ReadLocations)}",
            $"Give the platform's token {CatalogRights.ReadLocations} in Backstage.");
    }

    [Activity(ActivityNames.UnregisterCatalogEntity)]
    public async Task<UndoResult> UnregisterAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        if (input.Facts.TryGetValue(StepFacts.LocationBefore, out var before) && before == "absent"
            && await catalog.FindLocationAsync(input.Fact(StepFacts.CatalogTarget), cancellationToken) is { } location)
        {
            await catalog.DeleteLocationAsync(location, cancellationToken);
        }
        return Undone;
    }

    private async Task RefuseForeignAsync(StepInput input, CancellationToken cancellationToken)
    {
        if (await FindForeignAsync(catalog, input, cancellationToken) is { } owner)
            throw Failures.Of(ErrorTypes.NameTaken, "Catalog", $"{input.Names.CatalogEntityRef} is taken by {owner}");
    }

    /// <summary>Which other repository describes the entity; null when none does.</summary>
    internal static async Task<string?> FindForeignAsync(CatalogClient catalog, StepInput input, CancellationToken cancellationToken)
    {
        if (await catalog.FindEntityAsync(input.Names.CatalogEntityRef, cancellationToken) is not { } entity)
            return null;
        var (annotations, own) = (entity.At("metadata", "annotations"), $"{input.Names.RepositoryOwner}/{input.Names.RepositoryName}");
        var slug = annotations.Text(SlugAnnotation);
        if (string.Equals(slug, own, StringComparison.OrdinalIgnoreCase)
            || (slug is null && DescribedIn.Any(a => annotations.Text(a)?.Contains($"/{own}/", StringComparison.OrdinalIgnoreCase) == true)))
            return null;
        var owner = slug ?? "another repository";
        return annotations.Text(OrphanAnnotation) == "true" ? $"{owner}, whose file is gone: it is an orphan, to be deleted in the catalog" : owner;
    }

    private static string Link(StepInput input)
    {
        var catalog = input.Platform.Catalog;
        return $"{(catalog.PortalUrl.Length > 0 ? catalog.PortalUrl : catalog.Url).TrimEnd('/')}/catalog/default/component/{input.Request.Name}";
    }
}
