using System.Text.Json;
using Onramp.Activities.Capabilities;

namespace Onramp.Activities.Planning;

/// <summary>What things cost a month: an order of magnitude for approvers, and no part of what they approve.</summary>
internal sealed class PriceList
{
    private readonly PriceOptions options;

    /// <exception cref="InvalidOperationException">A price is below zero, or of a capability that isn't there.</exception>
    public PriceList(PriceOptions options, CapabilitySet capabilities)
    {
        this.options = options;
        foreach (var (id, price) in options.Monthly)
        {
            if (capabilities.Find(id) is null)
                throw new InvalidOperationException($"{PriceOptions.Section}:Monthly:{id}: there is no such capability; there are {string.Join(", ", capabilities.All.Select(c => c.Row.Id))}.");
            if (price < 0)
                throw new InvalidOperationException($"{PriceOptions.Section}:Monthly:{id}: a price isn't below zero.");
        }
    }

    public string Version => options.Version;

    public string Currency => options.Currency;

    /// <summary>A month of a thing that is made from this spec.</summary>
    public decimal Of(ICapability capability, JsonElement spec) =>
        options.Monthly.TryGetValue(capability.Row.Id, out var price) ? price : capability.MonthlyCost(spec);
}
