using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>
/// The builds whose workers completed a run's workflow tasks are shown as a search attribute. Its first value says that the run is unversioned,
/// as all are here. It is none of the attributes that are stored one by one: every run would pay for it (9 of 46 KiB written for a run of one activity).
/// </summary>
internal static class BuildIds
{
    private const string Unversioned = "unversioned";

    /// <summary>A worker of this build completed a task.</summary>
    public static void Track(ExecutionState state, WorkerVersionStamp? worker)
    {
        if (state.Builds.Count == 0)
        {
            state.Builds.Add(Unversioned);
        }

        if (worker is { BuildId.Length: > 0 } && $"{Unversioned}:{worker.BuildId}" is var build && !state.Builds.Contains(build))
        {
            state.Builds.Add(build);
            MakeRoom(state.Builds);
        }
    }

    /// <summary>All search attributes of a run.</summary>
    public static SearchAttributes Shown(ExecutionState state)
    {
        var shown = state.SearchAttributes?.Clone() ?? new SearchAttributes();
        if (state.Builds.Count > 0)
        {
            shown.IndexedFields[SystemSearchAttributes.BuildIds] = ServerAttributes.PayloadOf([.. state.Builds]);
        }

        return shown;
    }

    /// <summary>The builds that were seen first make room for later ones.</summary>
    private static void MakeRoom(IList<string> builds)
    {
        while (builds.Count > 1 && ServerAttributes.PayloadOf([.. builds]).Data.Length > VisibilityLimits.MaximumSearchAttributeValueBytes)
        {
            builds.RemoveAt(1);
        }
    }
}
