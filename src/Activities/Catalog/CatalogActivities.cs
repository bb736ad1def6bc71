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

    private readonly CatalogClient catalog;

    internal CatalogActivities(CatalogClient catalog) => this.catalog = catalog;

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
            await catalog.AddLocationAsync(target, cancellationToken);
            location = await catalog.FindLocationAsync(target, cancellationToken);
        }
        if (location is null)
            return NotReady($"the catalog to list {target}");
        var resource = new StepResource("catalog location", location, "", Created: before == "absent");
        return await catalog.FindEntityAsync(input.Names.CatalogEntityRef, cancellationToken) is null
            ? NotReady($"the catalog to read {target}", [resource]) with { Link = Link(input) }
            : Done(resource, Link(input));
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
        var entity = await catalog.FindEntityAsync(input.Names.CatalogEntityRef, cancellationToken);
        var slug = entity.At("metadata", "annotations").Text(SlugAnnotation);
        return entity is null || slug == $"{input.Names.RepositoryOwner}/{input.Names.RepositoryName}" ? null : slug ?? "another repository";
    }

    private static string Link(StepInput input)
    {
        var catalog = input.Platform.Catalog;
        return $"{(catalog.PortalUrl.Length > 0 ? catalog.PortalUrl : catalog.Url).TrimEnd('/')}/catalog/default/component/{input.Request.Name}";
    }
}
