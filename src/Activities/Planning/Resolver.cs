using Onramp.Activities.Capabilities;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;

namespace Onramp.Activities.Planning;

/// <summary>What an order means: the service as it is to be, and every thing that the change is about. Pure.</summary>
internal sealed class Resolver(CapabilitySet capabilities)
{
    public Resolved Resolve(ResolveInput input)
    {
        var (order, spec) = (input.Order, input.Snapshot.Spec);
        if (order.Team is { } team && spec.Team.Length > 0 && team != spec.Team)
        {
            return new Resolved
            {
                Wanted = spec,
                Refusals = [new PlanRefusal("team", ErrorTypes.OwnedByOther, $"{spec.Name} belongs to team {spec.Team}", "Ask its team, or choose another name.")],
            };
        }
        if (order is { Environment: { } environment, Kind: ChangeKind.Configure or ChangeKind.Repair or ChangeKind.Quiet or ChangeKind.Restore } && spec.Environment(environment) is null)
        {
            return new Resolved
            {
                Wanted = spec,
                Refusals = [new PlanRefusal("environment", ErrorTypes.ChangedMeanwhile, $"{spec.Name} is not in {environment} any more", "Ask for it anew if it is wanted.")],
            };
        }
        var wanted = Wanted(order, spec);
        var scopes = ScopesOf(order, spec);
        var things = capabilities.All.SelectMany(c => scopes.Select(s => ThingOf(c, s, order, wanted, input.Snapshot))).OfType<Thing>().ToList();
        return new Resolved { Wanted = wanted, Things = things };
    }

    /// <summary>
    /// Whose things the change is about. What the environments share goes by a change of its own, when none needs it and nothing is under way that may.
    /// </summary>
    private static IReadOnlyList<string> ScopesOf(ChangeOrder order, ServiceSpec before)
    {
        string[] environment = order.Environment is { } name ? [Scopes.Environment(name)] : [];
        return order.Kind switch
        {
            ChangeKind.Quiet or ChangeKind.Restore or ChangeKind.Remove => environment,
            ChangeKind.Clean => before.Environments.Count == 0 ? [Scopes.Component] : [],
            _ => [Scopes.Component, .. environment],
        };
    }

    private static ServiceSpec Wanted(ChangeOrder order, ServiceSpec spec)
    {
        var service = spec with
        {
            Team = order.Team ?? spec.Team,
            Description = order.Description ?? spec.Description,
            Visibility = order.Visibility ?? spec.Visibility,
        };
        if (order.Environment is not { } name)
            return service;
        var environment = spec.Environment(name) ?? new EnvironmentSpec();
        return order.Kind switch
        {
            ChangeKind.Remove => service.With(name, null),
            ChangeKind.Quiet => service.With(name, environment with { Retiring = true }),
            ChangeKind.Restore => service.With(name, environment with { Retiring = false }),
            _ => service.With(name, environment with { Labels = order.Labels ?? environment.Labels }),
        };
    }

    private static Thing? ThingOf(ICapability capability, string scope, ChangeOrder order, ServiceSpec wanted, ServiceSnapshot snapshot)
    {
        var row = capability.Row;
        var environment = Scopes.EnvironmentOf(scope);
        if (row.Scope == ScopeKind.Component != environment is null)
            return null;
        var isWanted = environment is null ? order.Kind != ChangeKind.Clean && wanted.Environments.Count > 0 : wanted.Environment(environment) is not null;
        var wish = isWanted ? capability.Want(wanted, environment) : null;
        var known = snapshot.Inventory.FirstOrDefault(i => i.Is(row.Id, scope));
        // What the inventory doesn't know may be there all the same, with our mark on it: a removal looks for it by the name that it would have.
        var name = wish?.Name ?? known?.Name ?? capability.Want(snapshot.Spec, environment)?.Name;
        if (name is null)
            return null;
        return new Thing
        {
            Capability = row.Id,
            System = row.System,
            Scope = scope,
            Name = known?.Name ?? name,
            Wanted = wish is not null,
            MayAdopt = order.AdoptRepository && environment is null,
            Spec = wish?.Spec,
            Fields = wish?.Fields ?? known?.Fields ?? new SortedDictionary<string, string?>(StringComparer.Ordinal),
            Owner = new OwnerMark(wanted.Name, scope),
        };
    }
}
