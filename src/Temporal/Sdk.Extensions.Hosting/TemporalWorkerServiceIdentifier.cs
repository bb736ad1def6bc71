namespace Temporalio.Extensions.Hosting;

/// <summary>Tells hosted workers apart: task queue and, if there is one, version.</summary>
/// <param name="TaskQueue">Task queue.</param>
/// <param name="Version">Build id, or a deployment's version in canonical form.</param>
/// <param name="VersionIsBuildId">Which of the two it is.</param>
public record TemporalWorkerServiceIdentifier(string TaskQueue, string? Version, bool VersionIsBuildId)
{
    /// <summary>Name of the worker's options.</summary>
    internal string OptionsName => Version is null ? TaskQueue : $"{TaskQueue}!!__temporal__!!{Version}";
}
