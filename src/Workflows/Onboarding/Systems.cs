namespace Onramp.Workflows.Onboarding;

/// <summary>Names of the systems that steps act on.</summary>
public static class Systems
{
    public const string Onramp = "onramp";
    public const string GitHub = "github";
    public const string Azure = "azure";
    public const string Kubernetes = "kubernetes";
    public const string Delivery = "delivery";
    public const string Grafana = "grafana";
    public const string Catalog = "catalog";
    public const string Notifications = "notifications";
}
