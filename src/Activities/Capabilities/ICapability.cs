using System.Text.Json;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Activities.Capabilities;

/// <summary>What a spec wants of a capability: a thing with this name, made from this spec, with these fields.</summary>
internal sealed record Wish(string Name, JsonElement Spec, SortedDictionary<string, string?> Fields);

/// <summary>A thing with a service's mark on it, found by nothing but the mark.</summary>
internal sealed record FoundThing(InventoryItem Item, Func<ServiceSpec, ServiceSpec> Tell);

/// <summary>
/// One kind of thing, on the side that touches systems: how it looks, and, for the planner, what a spec wants of it and what it costs. The class
/// also holds the two activities that its row names. It registers itself by being there.
/// </summary>
internal interface ICapability
{
    CapabilityRow Row { get; }

    /// <summary>What the service, in this environment (null for the component), wants of it. Pure. Null: nothing.</summary>
    Wish? Want(ServiceSpec service, string? environment);

    /// <summary>What a thing of this spec costs a month, in euros, where the platform says nothing else. Pure.</summary>
    decimal MonthlyCost(JsonElement spec);

    /// <summary>Looks; changes nothing.</summary>
    Task<Observed> ObserveAsync(Thing thing, CancellationToken cancellationToken);

    /// <summary>Everything that carries the mark of this service.</summary>
    Task<IReadOnlyList<FoundThing>> FindAsync(string service, CancellationToken cancellationToken);
}
