using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Starter.Http;
using Onramp.Starter.Services;
using Onramp.Testing;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker;

namespace Onramp.Starter.Tests;

/// <summary>The API beside a worker: runs plan and wait for approval as they do in the world. What they would make takes for ever.</summary>
public sealed class WorkedFixture : IAsyncLifetime
{
    private const string Platform = "platform";

    private readonly CancellationTokenSource stop = new();
    private EmbeddedEnvironment environment = null!;
    private TemporalWorker worker = null!;
    private Task working = Task.CompletedTask;
    private StarterHost starter = null!;

    public HttpClient Http { get; private set; } = null!;

    public ITemporalClient Temporal => environment.Client;

    public async Task InitializeAsync()
    {
        environment = await EmbeddedEnvironment.StartAsync(OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword));
        worker = new TemporalWorker(Temporal, new TemporalWorkerOptions(OnboardingContract.OnboardingTaskQueue).AddWorkflow<OnboardServiceWorkflow>().AddAllActivities(new Systems()));
        working = worker.ExecuteAsync(stop.Token);
        // Whoever waits asks often, and is one caller on a machine of any speed.
        starter = await StartAsync(new StarterOptions { RequestsPerMinute = 1_000_000 });
        Http = new HttpClient { BaseAddress = starter.Address };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await starter.DisposeAsync();
        await stop.CancelAsync();
        await working.ContinueWith(_ => { }, TaskScheduler.Default);
        worker.Dispose();
        await environment.DisposeAsync();
        stop.Dispose();
    }

    /// <summary>Another API on the same server.</summary>
    public Task<StarterHost> StartAsync(StarterOptions options) => StarterHost.StartAsync(options, Temporal, NullLoggerFactory.Instance);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null) =>
        Http.SendAsync(new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: ApiJson.Options) });

    /// <summary>Asks for a service in staging, which the platform group must approve, and returns its progress once it waits for that.</summary>
    public async Task<OnboardingProgress> AwaitingApprovalAsync(string name)
    {
        using var asked = await SendAsync(HttpMethod.Post, ApiPaths.Services, new { name, team = "payments", environment = "staging", requester = "ada" });
        asked.EnsureSuccessStatusCode();
        return await UntilAsync($"{name}-staging", progress => progress.Phase == OnboardingPhase.AwaitingApproval);
    }

    /// <summary>Asks until the progress is as wanted: a look is the only way to see it from outside.</summary>
    public async Task<OnboardingProgress> UntilAsync(string id, Func<OnboardingProgress, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var view = await Http.GetFromJsonAsync<ServiceView>($"{ApiPaths.Services}/{id}", ApiJson.Options, limit.Token);
            if (wanted(view!.Progress))
                return view.Progress;
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>A decision on this plan by somebody of the platform group.</summary>
    public static object Decision(OnboardingProgress progress, string verdict = "approve", string approver = "grace", string decisionId = "") =>
        new { verdict, planDigest = progress.Plan!.Digest, approver, groups = new[] { Platform }, decisionId };

    /// <summary>Every system there is, by the name of the activity.</summary>
    private sealed class Systems
    {
        [Activity(Dynamic = true)]
        public async Task<object?> ActAsync(IRawValue[] arguments)
        {
            var context = ActivityExecutionContext.Current;
            switch (context.Info.ActivityType)
            {
                case ActivityNames.DescribePlatform:
                    return new PlatformProfile
                    {
                        GitHub = new GitHubProfile { Organization = "acme", TemplateRepository = "acme/golden-path-{template}" },
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
                        Approvals = new ApprovalProfile { PlatformGroup = Platform },
                    };
                case ActivityNames.LookAhead:
                    return new LookAhead();
                case ActivityNames.Notify:
                    return null;
                default:
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                    return null;
            }
        }
    }
}
