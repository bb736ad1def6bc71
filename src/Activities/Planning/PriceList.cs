namespace Onramp.Activities.Planning;

/// <summary>What things cost a month: an order of magnitude for approvers, and no part of what they approve.</summary>
internal static class PriceList
{
    public const string Version = "prices/1";
    public const string Currency = "EUR";

    public const decimal Repository = 4m;
    public const decimal Namespace = 46m;
}
