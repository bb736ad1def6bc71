using Onramp.EmbeddedServer.History.Workflows;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Workflows with paused activities can be found by a search attribute.</summary>
internal static class PausedActivityTypes
{
    private const string Attribute = "TemporalPauseInfo";

    /// <summary>Brings the attribute up to date with the activities.</summary>
    public static void Show(ExecutionTransaction tx) => ServerAttributes.Set(tx, Attribute,
    [
        .. tx.State.Activities.Values.Where(activity => activity.IsPaused).Select(activity => $"property:activityType={activity.Type}")
            .Distinct().Order(StringComparer.Ordinal),
    ]);
}
