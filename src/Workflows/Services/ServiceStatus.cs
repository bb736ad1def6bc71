namespace Onramp.Workflows.Services;

/// <summary>One word for how a service stands: its search attribute, and what lists show.</summary>
public static class ServiceStatus
{
    public const string Active = "active";
    public const string Changing = "changing";
    public const string Retiring = "retiring";
    public const string Interrupted = "interrupted";
    public const string Gone = "gone";

    public static readonly IReadOnlyList<string> All = [Active, Changing, Retiring, Interrupted, Gone];

    public static string Of(CarriedState state) =>
        state.Environments.Values.Any(e => e.Phase == EnvironmentPhase.Interrupted) ? Interrupted
        : state.Open.Count > 0 ? Changing
        : state.Environments.Count == 0 ? Gone
        : state.Environments.Values.All(e => e.Phase is EnvironmentPhase.Retiring or EnvironmentPhase.Removing) ? Retiring
        : Active;
}
