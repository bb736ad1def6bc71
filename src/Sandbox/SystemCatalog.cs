using Onramp.Sandbox.Azure;
using Onramp.Sandbox.GitHub;
using Onramp.Sandbox.Kubernetes;

namespace Onramp.Sandbox;

/// <summary>The stand-ins, in the order of <see cref="SandboxHost.Systems"/>.</summary>
internal static class SystemCatalog
{
    public static IReadOnlyList<SandboxSystem> Listeners(SandboxContext context) =>
    [
        new GitHubSystem(context),
        new KubernetesSystem(context),
        new AzureSystem(context),
    ];

    public static IEnumerable<SandboxSystem> Behind(SandboxSystem listener) =>
        listener is Http.SystemSelector selector ? selector.Systems : [listener];
}
