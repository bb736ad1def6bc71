using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Tests;

/// <summary>A good request and a platform; tests change what they are about.</summary>
internal static class Requests
{
    public static ServiceRequest Orders { get; } = new()
    {
        RequestId = "req-1",
        Name = "orders",
        Description = "Takes orders",
        Team = "payments",
        Requester = "ada",
        Environment = "development",
        CostCenter = "cc-42",
        Notifications = new NotificationRequest { Channel = "#payments" },
    };

    public static PlatformProfile Platform { get; } = new()
    {
        GitHub = new GitHubProfile { Organization = "acme", TemplateRepository = "acme/golden-path-{template}", PipelineWorkflow = "ci-cd.yaml" },
        Azure = new AzureProfile
        {
            SubscriptionId = "33333333-3333-4333-8333-333333333333",
            TenantId = "11111111-1111-4111-8111-111111111111",
            DefaultRegion = "uksouth",
            RegistryId = "/subscriptions/s/resourceGroups/rg-platform/providers/Microsoft.ContainerRegistry/registries/acmeregistry",
            RegistryLoginServer = "acmeregistry.azurecr.io",
            DefaultEntraGroupId = "44444444-4444-4444-8444-444444444444",
        },
        Kubernetes = new KubernetesProfile { ClusterName = "aks-sandbox", OidcIssuer = "https://issuer/" },
        Grafana = new GrafanaProfile { Url = "http://grafana" },
        Catalog = new CatalogProfile { Url = "http://catalog" },
    };
}
