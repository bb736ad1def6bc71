using Onramp.Sandbox;
using Onramp.Starter;

namespace Onramp.EndToEnd.Tests;

/// <summary>The same behaviour on a faster clock: only waits are shorter than what users get.</summary>
internal static class Quick
{
    public static void Sandbox(SandboxOptions options)
    {
        options.TemplatePopulationDelay = TimeSpan.FromMilliseconds(100);
        options.WorkflowIndexingDelay = TimeSpan.FromMilliseconds(50);
        options.NamespaceTerminationDelay = TimeSpan.FromMilliseconds(50);
        options.ControllerDelay = TimeSpan.FromMilliseconds(50);
        options.AzureOperationDuration = TimeSpan.FromMilliseconds(50);
        options.PrincipalReplicationDelay = TimeSpan.FromMilliseconds(200);
        options.RoleAssignmentPropagationDelay = TimeSpan.FromMilliseconds(100);
        options.CatalogProcessingDelay = TimeSpan.FromMilliseconds(50);
        options.GitHubRateLimit = 1_000_000;
    }

    /// <summary>An answer without the workflow's own word is right on a machine that is too busy for it, but not what tests are about.</summary>
    public static void Starter(StarterOptions options) => options.QueryTimeout = TimeSpan.FromMinutes(1);

    public static Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Onramp:Onboarding:Timing:PollInterval"] = "00:00:00.100",
            ["Onramp:Onboarding:Timing:PollMaximum"] = "00:00:00.500",
            ["Onramp:Onboarding:Timing:RetryInterval"] = "00:00:00.100",
            ["Onramp:Onboarding:Timing:RetryMaximum"] = "00:00:00.500",
            ["Onramp:Onboarding:Timing:UndoRetry"] = "00:00:00.200",
            ["Onramp:Onboarding:Timing:UndoRetryMaximum"] = "00:00:00.500",
        };
        foreach (var (key, value) in more)
            settings["Onramp:" + key] = value;
        return settings;
    }
}
