using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Octokit;
using Onramp.Activities.Azure;
using Onramp.Activities.Capabilities;
using Onramp.Activities.Catalog;
using Onramp.Activities.GitHub;
using Onramp.Activities.Grafana;
using Onramp.Activities.Http;
using Onramp.Activities.Kubernetes;
using Onramp.Activities.Notifications;
using Onramp.Activities.Planning;
using Onramp.Activities.Platform;
using Onramp.Activities.Policy;
using Onramp.Activities.Services;
using Onramp.Activities.Verification;

namespace Onramp.Activities;

/// <summary>Puts the activities, their clients and options into a host.</summary>
public static class OnrampActivitiesExtensions
{
    /// <summary>
    /// Options are bound from <c>Onramp:GitHub</c>, <c>:Kubernetes</c>, <c>:Azure</c>, <c>:Grafana</c>, <c>:Catalog</c>,
    /// <c>:Notifications</c>, <c>:Services</c>, <c>:Prices</c> and <c>:Onboarding</c> and checked at start. Register <see cref="OnrampActivities.Types"/> with the
    /// worker.
    /// </summary>
    public static IServiceCollection AddOnrampActivities(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        Bind<GitHubOptions>(services, configuration, GitHubOptions.Section);
        Bind<KubernetesOptions>(services, configuration, KubernetesOptions.Section);
        Bind<AzureOptions>(services, configuration, AzureOptions.Section);
        Bind<GrafanaOptions>(services, configuration, GrafanaOptions.Section);
        Bind<CatalogOptions>(services, configuration, CatalogOptions.Section);
        Bind<NotificationOptions>(services, configuration, NotificationOptions.Section);
        Bind<ServiceOptions>(services, configuration, ServiceOptions.Section);
        Bind<PriceOptions>(services, configuration, PriceOptions.Section);
        Bind<OnboardingOptions>(services, configuration, OnboardingOptions.Section);
        AddClients(services);
        AddActivities(services);
        return services;
    }

    private static void Bind<T>(IServiceCollection services, IConfiguration configuration, string section)
        where T : class =>
        services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();

    private static void AddClients(IServiceCollection services)
    {
        services.AddGitHub();
        services.AddSingleton(p => ClusterConnection.Create(Get<KubernetesOptions>(p), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new Cluster(p.GetRequiredService<ClusterConnection>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => AzureClientFactory.Create(Get<AzureOptions>(p), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new GrafanaClient(
            TrustedHttp.CreateClient(Get<GrafanaOptions>(p).BaseUrl), Get<GrafanaOptions>(p), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new CatalogClient(
            TrustedHttp.CreateClient(Get<CatalogOptions>(p).BaseUrl), Get<CatalogOptions>(p), p.GetRequiredService<TimeProvider>()));
    }

    /// <summary>By factory: the activities' constructors are not public, so that nobody builds one around a client of its own.</summary>
    private static void AddActivities(IServiceCollection services)
    {
        services.AddSingleton<PlatformActivities>();
        services.AddSingleton(p => new LookAheadActivities(
            p.GetRequiredService<IGitHubClient>(), p.GetRequiredService<AzureClient>(), p.GetRequiredService<Cluster>(),
            p.GetRequiredService<GrafanaClient>(), p.GetRequiredService<CatalogClient>()));
        services.AddSingleton(p => new RepositoryActivities(
            p.GetRequiredService<IGitHubClient>(), p.GetRequiredService<RepositoryHistory>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new RepositoryAccessActivities(p.GetRequiredService<IGitHubClient>()));
        services.AddSingleton(p => new FileActivities(p.GetRequiredService<IGitHubClient>()));
        services.AddSingleton(p => new EnvironmentActivities(p.GetRequiredService<IGitHubClient>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new PipelineActivities(p.GetRequiredService<IGitHubClient>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new ResourceGroupActivities(p.GetRequiredService<AzureClient>()));
        services.AddSingleton(p => new IdentityActivities(p.GetRequiredService<AzureClient>()));
        services.AddSingleton(p => new KeyVaultActivities(p.GetRequiredService<AzureClient>(), Get<AzureOptions>(p)));
        services.AddSingleton(p => new AccessActivities(p.GetRequiredService<AzureClient>()));
        services.AddSingleton(p => new FederationActivities(p.GetRequiredService<AzureClient>()));
        services.AddSingleton(p => new NamespaceActivities(p.GetRequiredService<Cluster>()));
        services.AddSingleton(p => new GuardRailActivities(p.GetRequiredService<Cluster>()));
        services.AddSingleton(p => new DeliveryActivities(p.GetRequiredService<Cluster>(), Get<KubernetesOptions>(p)));
        services.AddSingleton(p => new GrafanaActivities(p.GetRequiredService<GrafanaClient>()));
        services.AddSingleton(p => new CatalogActivities(p.GetRequiredService<CatalogClient>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new NotificationActivities(
            new HttpClient(TrustedHttp.CreateHandler(null)) { Timeout = TimeSpan.FromSeconds(10) },
            Get<NotificationOptions>(p),
            p.GetRequiredService<TimeProvider>()));
        CapabilitySet.AddTo(services);
        services.AddSingleton(p => new PlanningActivities(
            p.GetRequiredService<CapabilitySet>(), new PriceList(Get<PriceOptions>(p), p.GetRequiredService<CapabilitySet>()), new ChangePolicy(Get<OnboardingOptions>(p).Approvals)));
        services.AddSingleton(p => new ServiceStarts(Get<ServiceOptions>(p).ToSettings()));
        services.AddSingleton(p => new ServiceKeeper(p.GetRequiredService<ServiceStarts>()));
        services.AddSingleton(p => new ServiceActivities(p.GetRequiredService<CapabilitySet>(), p.GetRequiredService<ServiceStarts>()));
        services.AddSingleton(p => new VerificationActivities(ActivatorUtilities.CreateInstance<ServiceChecks>(p), p.GetRequiredService<TimeProvider>()));
    }

    private static T Get<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}

/// <summary>The activity classes, for registering them with a worker.</summary>
public static class OnrampActivities
{
    public static readonly IReadOnlyList<Type> Types =
    [
        typeof(PlatformActivities),
        typeof(LookAheadActivities),
        typeof(RepositoryActivities),
        typeof(RepositoryAccessActivities),
        typeof(FileActivities),
        typeof(EnvironmentActivities),
        typeof(PipelineActivities),
        typeof(ResourceGroupActivities),
        typeof(IdentityActivities),
        typeof(KeyVaultActivities),
        typeof(AccessActivities),
        typeof(FederationActivities),
        typeof(NamespaceActivities),
        typeof(GuardRailActivities),
        typeof(DeliveryActivities),
        typeof(GrafanaActivities),
        typeof(CatalogActivities),
        typeof(NotificationActivities),
        typeof(VerificationActivities),
        typeof(PlanningActivities),
        typeof(ServiceActivities),
        .. CapabilitySet.Types,
    ];
}
