namespace Temporalio.Worker;

/// <summary>Whether workflows note where their coroutines wait, to be asked by the query <c>__stack_trace</c>.</summary>
public enum WorkflowStackTrace
{
    /// <summary>They don't; the query fails.</summary>
    None = 0,

    /// <summary>They do, with files and lines.</summary>
    Normal = 1,

    /// <summary>They do, without files and lines.</summary>
    WithoutFileInfo = 2,
}
