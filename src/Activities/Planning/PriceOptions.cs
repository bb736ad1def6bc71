using System.ComponentModel.DataAnnotations;

namespace Onramp.Activities.Planning;

/// <summary>What things cost, as this platform reckons. Section <c>Onramp:Prices</c>; what isn't set has the price that its capability brings.</summary>
public sealed class PriceOptions
{
    public const string Section = "Onramp:Prices";

    /// <summary>Named in every plan, so that people see by which prices it was reckoned. Default <c>prices/1</c>.</summary>
    [Required]
    public string Version { get; set; } = "prices/1";

    /// <summary>ISO 4217. Default <c>EUR</c>.</summary>
    [RegularExpression("[A-Z]{3}", ErrorMessage = "Onramp:Prices:Currency is a code of three letters, as EUR.")]
    public string Currency { get; set; } = "EUR";

    /// <summary>A month of a thing, by the id of its capability.</summary>
    public Dictionary<string, decimal> Monthly { get; } = new(StringComparer.Ordinal);
}
