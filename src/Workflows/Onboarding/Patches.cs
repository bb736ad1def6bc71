namespace Onramp.Workflows.Onboarding;

/// <summary>
/// Changes that runs under way don't take part in. Each is asked for only where old and new differ, so that other runs' histories stay free of it.
/// </summary>
internal static class Patches
{
    /// <summary>The workflow refuses what the systems refuse (<see cref="Validation.RuleEdition.Systems"/>).</summary>
    public const string RulesOfSystems = "rules-of-systems";

    /// <summary>
    /// The systems are looked at before the plan is made (<see cref="Contracts.LookAhead"/>), and the pipeline has an identity of its own.
    /// </summary>
    public const string LookAhead = "look-ahead";

    /// <summary>A decision's id belongs to one person and one verdict.</summary>
    public const string IdsOfDecisions = "ids-of-decisions";
}
