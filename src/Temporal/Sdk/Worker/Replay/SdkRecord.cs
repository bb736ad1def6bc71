using Temporalio.Api.Sdk.V1;

namespace Temporalio.Worker.Replay;

/// <summary>
/// What the workers of a run told about themselves in the tasks they completed. A worker tells what is new; a flag that a run didn't start
/// with stays off for it.
/// </summary>
internal sealed class SdkRecord
{
    /// <summary>Behaviors of the core that this worker always has: checks of ids and types, of upserts, and ends of workflows moved last.</summary>
    private static readonly uint[] CoreFlags = [1, 2, 3];

    /// <summary>Behaviors of this SDK: completions keep their order, and conditions are checked one at a time.</summary>
    private static readonly uint[] LangFlags = [1, 2];

    private readonly HashSet<uint> coreFlags = [];
    private readonly HashSet<uint> langFlags = [];
    private string name = string.Empty;
    private string version = string.Empty;
    private bool any;

    /// <summary>Takes what a completed task says.</summary>
    public void OnCompleted(WorkflowTaskCompletedMetadata? metadata)
    {
        any = true;
        if (metadata is null)
        {
            return;
        }

        coreFlags.UnionWith(metadata.CoreUsedFlags);
        langFlags.UnionWith(metadata.LangUsedFlags);
        name = metadata.SdkName.Length > 0 ? metadata.SdkName : name;
        version = metadata.SdkVersion.Length > 0 ? metadata.SdkVersion : version;
    }

    /// <summary>Makes what this worker has to tell when it completes a task.</summary>
    public WorkflowTaskCompletedMetadata News(string sdkName, string sdkVersion)
    {
        var news = new WorkflowTaskCompletedMetadata();
        if (!any)
        {
            news.CoreUsedFlags.AddRange(CoreFlags);
            news.LangUsedFlags.AddRange(LangFlags);
        }

        if (sdkName != name || sdkVersion != version)
        {
            news.SdkName = sdkName;
            news.SdkVersion = sdkVersion;
        }

        return news;
    }
}
