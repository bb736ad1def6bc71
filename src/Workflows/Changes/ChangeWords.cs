using System.Globalization;
using System.Text;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Changes;

/// <summary>Short sentences in Temporal's UI. They decide nothing and are in no digest.</summary>
internal static class ChangeWords
{
    public static string Describe(ChangeOrder order, string service) =>
        $"{order.Kind} {service}{(order.Environment is { } environment ? $" in {environment}" : "")}";

    public static string Describe(CarriedState state)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"**{state.Spec.Name}** of team {state.Spec.Team}: {ServiceStatus.Of(state)}\n\n");
        foreach (var (name, environment) in state.Environments)
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {environment.Phase}{(environment.RetiringUntil is { } until ? $" until {until:u}" : "")}\n");
        foreach (var open in state.Open)
            text.Append(CultureInfo.InvariantCulture, $"- open: #{open.Change.Number} {Describe(open.Change.Order, state.Spec.Name)}\n");
        return text.ToString();
    }
}
