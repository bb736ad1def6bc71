using Onramp.Sandbox.Azure;
using Onramp.Sandbox.Catalog;
using Onramp.Sandbox.Chat;
using Onramp.Sandbox.GitHub;
using Onramp.Sandbox.Grafana;
using Onramp.Sandbox.Kubernetes;
using Onramp.Sandbox.Mail;
using Onramp.Sandbox.PagerDuty;

namespace Onramp.Sandbox;

/// <summary>The stand-ins, in the order of <see cref="SandboxHost.Systems"/>.</summary>
internal static class SystemCatalog
{
    public static IReadOnlyList<SandboxSystem> Listeners(SandboxContext context) =>
    [
        new GitHubSystem(context),
        new KubernetesSystem(context),
        new AzureSystem(context),
        new GrafanaSystem(context),
        new CatalogSystem(context),
        new ChatSystem(context),
        new MailSystem(context),
        new PagerDutySystem(context),
    ];

    public static IEnumerable<SandboxSystem> Behind(SandboxSystem listener) =>
        listener is Http.SystemSelector selector ? selector.Systems : [listener];
}
