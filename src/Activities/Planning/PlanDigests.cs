using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Activities.Planning;

/// <summary>
/// The digest of what a plan does. Written out part by part, not serialized, so that a new member of a record does not void approvals that wait;
/// prices, reasons and titles are no part of it. What is kept is none either: it isn't touched.
/// </summary>
internal static class PlanDigests
{
    private const string Form = "onramp-change/1";
    private const int Digits = 64;

    public static string Of(IEnumerable<PlannedAction> actions)
    {
        var parts = new List<string> { Form };
        foreach (var action in actions.Where(a => a.Kind != ActionKind.Keep).OrderBy(a => a.Id, StringComparer.Ordinal))
            parts.AddRange(PartsOf(action));
        return Ids.Digest(Digits, [.. parts]);
    }

    /// <summary>The digest of one action alone: whether two plans do the same to a thing.</summary>
    public static string Of(PlannedAction action) => Ids.Digest(Digits, [.. PartsOf(action)]);

    private static IEnumerable<string> PartsOf(PlannedAction action)
    {
        yield return "action";
        yield return action.Kind.ToString();
        yield return action.Id;
        yield return action.Name;
        yield return action.Irreversible ? "irreversible" : "";
        foreach (var change in action.Changes)
        {
            yield return "field";
            yield return change.Field;
            yield return change.Before ?? "\0";
            yield return change.After ?? "\0";
        }
    }
}
