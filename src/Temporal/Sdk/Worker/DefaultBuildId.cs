using System.Reflection;

namespace Temporalio.Worker;

/// <summary>The build id of workers that are given none: it changes whenever the program is built anew.</summary>
internal static class DefaultBuildId
{
    /// <summary>Gets the id.</summary>
    public static string Value { get; } = (Assembly.GetEntryAssembly() ?? typeof(DefaultBuildId).Assembly).ManifestModule.ModuleVersionId.ToString();
}
