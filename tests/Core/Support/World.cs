using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Activities;
using Onramp.Activities.Http;
using Onramp.Activities.Services;
using Onramp.EmbeddedServer;
using Onramp.Sandbox;
using Onramp.Testing;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Core.Tests.Support;

/// <summary>Embedded server, worker with every activity, and the systems' stand-ins: the core as it runs.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>As long as a busy machine may need; nothing waits for it to pass.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient http;
    private readonly IConfigurationRoot configuration;
    private ServiceProvider services;
    private TemporalWorker? worker;
    private CancellationTokenSource stopWorker = new();
    private Task working = Task.CompletedTask;
    private int requests;

    private World(EmbeddedEnvironment environment, SandboxHost sandbox, IConfigurationRoot configuration)
    {
        Environment = environment;
        Sandbox = sandbox;
        this.configuration = configuration;
        services = Services(configuration);
        http = new HttpClient(TrustedHttp.CreateHandler(sandbox.CertificateAuthorityPem));
    }

    public EmbeddedEnvironment Environment { get; }

    public SandboxHost Sandbox { get; }

    public ITemporalClient Client => Environment.Client;

    public static Task<World> StartAsync(params (string Key, string Value)[] settings) => StartAsync(configureServer: null, settings);

    public static async Task<World> StartAsync(Action<TemporalServerOptions>? configureServer, params (string Key, string Value)[] settings)
    {
        var environment = await EmbeddedEnvironment.StartAsync(
            OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword),
            configureServer,
            configureClient: c => c.DataConverter = Wire.Converter);
        var sandbox = await SandboxHost.StartAsync(new SandboxOptions
        {
            TemplatePopulationDelay = TimeSpan.FromMilliseconds(30),
            NamespaceTerminationDelay = TimeSpan.FromMilliseconds(30),
            ControllerDelay = TimeSpan.FromMilliseconds(20),
            GitHubRateLimit = 1_000_000,
        });
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings(sandbox)).AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value))).Build();
        var world = new World(environment, sandbox, configuration);
        world.StartWorker();
        return world;
    }

    /// <param name="withServices">False: it does everything but the work of services, to which words can then be lost.</param>
    /// <param name="activities">How many it carries out at a time.</param>
    public void StartWorker(bool withServices = true, int activities = 100)
    {
        stopWorker = new CancellationTokenSource();
        var options = new TemporalWorkerOptions(ServiceContract.TaskQueue) { GracefulShutdownTimeout = TimeSpan.FromSeconds(1), MaxConcurrentActivities = activities };
        if (withServices)
            options.AddWorkflow<ServiceWorkflow>();
        options.AddWorkflow<ChangeWorkflow>().AddWorkflow<RequestWorkflow>().AddWorkflow<PlanWorkflow>().AddWorkflow<HoldWorkflow>();
        foreach (var type in OnrampActivities.Types)
            options.AddAllActivities(type, services.GetRequiredService(type));
        worker = new TemporalWorker(Client, options);
        working = worker.ExecuteAsync(stopWorker.Token);
    }

    /// <summary>The worker is started anew with other settings beside those that it has.</summary>
    public async Task ReconfigureAsync(params (string Key, string Value)[] settings)
    {
        await StopWorkerAsync();
        await services.DisposeAsync();
        foreach (var (key, value) in settings)
            configuration[key] = value;
        services = Services(configuration);
        StartWorker();
    }

    public async Task StopWorkerAsync()
    {
        await stopWorker.CancelAsync();
        try
        {
            await working;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        worker?.Dispose();
        worker = null;
        stopWorker.Dispose();
    }

    /// <summary>Asks as the starter does, under a key of its own.</summary>
    public async Task<RequestAnswer> AskAsync(string service, ChangeOrder order, string caller = "ada", string? key = null)
    {
        key ??= $"key-{Interlocked.Increment(ref requests)}";
        var envelope = new RequestEnvelope
        {
            Service = service,
            Request = new ServiceRequested { ChangeId = Ids.ChangeId(caller, key), Order = order, AskedBy = new Principal(caller) },
        };
        return await Client.ExecuteWorkflowAsync<RequestAnswer>(
            ServiceContract.RequestWorkflowType, [envelope], new WorkflowOptions(Ids.Request(caller, key), ServiceContract.TaskQueue)).WaitAsync(Patience);
    }

    public Task<RequestAnswer> OnboardAsync(string service, string environment, string caller = "ada") => AskAsync(
        service, new ChangeOrder { Kind = ChangeKind.Onboard, Environment = environment, Team = "payments", Description = "Takes orders" }, caller);

    public WorkflowHandle Change(string service, string changeId) => Client.GetWorkflowHandle(Ids.Change(service, changeId));

    public WorkflowHandle Service(string service) => Client.GetWorkflowHandle(Ids.Service(service));

    public Task<ChangeView> ViewAsync(string service, string changeId) => Change(service, changeId).QueryAsync<ChangeView>(ChangeContract.ViewQuery, []);

    public Task<CarriedState> StateAsync(string service) => Service(service).QueryAsync<CarriedState>(ServiceContract.StateQuery, []);

    /// <summary>What the service has published for those who ask no worker; null: nothing yet.</summary>
    public async Task<CarriedState?> KeptStateAsync(string service)
    {
        var run = await Service(service).DescribeAsync();
        return run.Memo.TryGetValue(ServiceContract.StateMemo, out var memo) ? await memo.ToValueAsync<CarriedState>() : null;
    }

    /// <summary>As <see cref="StateUntilAsync"/> from what is published: for a crowd, whose questions would keep the worker from its work.</summary>
    public async Task<CarriedState> KeptStateUntilAsync(string service, Func<CarriedState, bool> condition, Func<CarriedState, string> describe, TimeSpan patience) =>
        (await Eventually.AsAsync(() => KeptStateAsync(service), s => s is not null && condition(s), s => s is null ? $"{service} has published nothing yet" : describe(s), patience, TimeSpan.FromMilliseconds(100)))!;

    /// <summary>Waits until the change has ended, however.</summary>
    public Task<ChangeView> EndedAsync(string service, string changeId) => UntilAsync(service, changeId, v => v.Outcome != ChangeOutcome.None);

    public Task<ChangeView> UntilAsync(string service, string changeId, Func<ChangeView, bool> condition) => ExplainedAsync(
        Eventually.AsAsync(() => ViewAsync(service, changeId), condition, v => $"change is {v.Phase}/{v.Outcome}: {v.Message}"), service);

    public Task<CarriedState> StateUntilAsync(string service, Func<CarriedState, bool> condition) => ExplainedAsync(
        Eventually.AsAsync(() => StateAsync(service), condition, s => $"service is {ServiceStatus.Of(s)}, open {s.Open.Count}, environments {string.Join(',', s.Environments.Select(e => $"{e.Key}={e.Value.Phase}"))}"),
        service);

    public Task<ApprovalRecord> DecideAsync(string service, string changeId, string digest, ApprovalVerdict verdict = ApprovalVerdict.Approve, string by = "grace", params string[] groups) =>
        Change(service, changeId).ExecuteUpdateAsync<ApprovalRecord>(ChangeContract.DecideUpdate, [new Decision
        {
            Id = $"{by}-{digest[..8]}",
            By = new Principal(by, Principal.Token, groups.Length > 0 ? groups : ["platform", "payments"]),
            Verdict = verdict,
            PlanDigest = digest,
        }]);

    /// <summary>Waits for the plan and approves it.</summary>
    public async Task<string> ApproveAsync(string service, string changeId)
    {
        var view = await UntilAsync(service, changeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await DecideAsync(service, changeId, view.Plan!.Digest);
        return view.Plan.Digest;
    }

    public Task CancelAsync(string service, string changeId, string by = "ada") =>
        Change(service, changeId).ExecuteUpdateAsync(ChangeContract.CancelUpdate, [new Principal(by)]);

    public Task OperateAsync(string service, string changeId, string verb, string action, string by = "oscar") =>
        Change(service, changeId).ExecuteUpdateAsync(ChangeContract.OperateUpdate, [new OperatorCommand { Verb = verb, Action = action, By = new Principal(by) }]);

    /// <summary>Names of the namespaces that carry a service's mark.</summary>
    public async Task<IReadOnlyList<string>> NamespacesAsync(string service)
    {
        var list = await KubernetesAsync("GET", $"/api/v1/namespaces?labelSelector=platform.io/service={service}");
        return [.. list!["items"]!.AsArray().Select(i => i!["metadata"]!["name"]!.ToString()).Order(StringComparer.Ordinal)];
    }

    public async Task<JsonNode?> NamespaceAsync(string name) => await KubernetesAsync("GET", $"/api/v1/namespaces/{name}");

    public async Task<JsonNode?> RepositoryAsync(string service) => await GitHubAsync("GET", $"/repos/{Sandbox.Options.Seed.Organization}/{service}");

    public Task<JsonNode?> GitHubAsync(string method, string path, JsonNode? body = null) =>
        SendAsync(new Uri(Sandbox.GitHub, path), method, body, Sandbox.Options.Credentials.GitHubToken, "application/json");

    public Task<JsonNode?> KubernetesAsync(string method, string path, JsonNode? body = null) =>
        SendAsync(new Uri(Sandbox.Kubernetes, path), method, body, Sandbox.Options.Credentials.KubernetesToken, method == "PATCH" ? "application/merge-patch+json" : "application/json");

    /// <summary>Somebody sets a label by hand.</summary>
    public Task SetLabelAsync(string @namespace, string label, string value) =>
        KubernetesAsync("PATCH", $"/api/v1/namespaces/{@namespace}", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [label] = value } } });

    public async Task AddFaultAsync(JsonObject fault)
    {
        using var response = await http.PostAsJsonAsync(new Uri(Sandbox.Control, "faults"), fault);
        response.EnsureSuccessStatusCode();
    }

    public async Task ClearFaultsAsync()
    {
        using var response = await http.DeleteAsync(new Uri(Sandbox.Control, "faults"));
    }

    /// <summary>As often as it takes: faults meet those who do things by hand, too.</summary>
    public async Task KubernetesPatientlyAsync(string method, string path, JsonNode body)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await KubernetesAsync(method, path, body.DeepClone());
                return;
            }
            catch (Exception e) when (attempt < 20 && e is HttpRequestException or ShouldAssertException)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Every call that could change something, in order.</summary>
    public async Task<JsonArray> LedgerAsync()
    {
        var ledger = (await http.GetFromJsonAsync<JsonNode>(new Uri(Sandbox.Control, "ledger")))!;
        return ledger as JsonArray ?? ledger.AsObject().Select(p => p.Value).OfType<JsonArray>().First();
    }

    /// <summary>Calls that changed something, as <c>METHOD path</c>.</summary>
    public async Task<IReadOnlyList<string>> WritesAsync(string method, string pathEnd)
    {
        return [.. (await LedgerAsync()).Select(r => $"{r!["method"]} {r["path"]}").Where(r => r.StartsWith(method, StringComparison.Ordinal) && r.EndsWith(pathEnd, StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        if (worker is not null)
            await StopWorkerAsync();
        http.Dispose();
        await services.DisposeAsync();
        await Sandbox.DisposeAsync();
        await Environment.DisposeAsync();
    }

    private static ServiceProvider Services(IConfiguration configuration) => new ServiceCollection().AddOnrampActivities(configuration).BuildServiceProvider();

    public static Dictionary<string, string?> Settings(SandboxHost sandbox)
    {
        var (seed, credentials) = (sandbox.Options.Seed, sandbox.Options.Credentials);
        return new Dictionary<string, string?>
        {
            ["Onramp:GitHub:BaseUrl"] = sandbox.GitHub.ToString(),
            ["Onramp:GitHub:Token"] = credentials.GitHubToken,
            ["Onramp:GitHub:Organization"] = seed.Organization,
            ["Onramp:GitHub:TemplateRepository"] = $"{seed.Organization}/golden-path-{{template}}",
            ["Onramp:GitHub:WritesPerMinute"] = "0",
            ["Onramp:GitHub:WritesPerHour"] = "0",
            ["Onramp:Kubernetes:BaseUrl"] = sandbox.Kubernetes.ToString(),
            ["Onramp:Kubernetes:Token"] = credentials.KubernetesToken,
            ["Onramp:Kubernetes:FluxProvider"] = "none",
            ["Onramp:Kubernetes:CaCertificate"] = sandbox.CertificateAuthorityPem,
            ["Onramp:Azure:ClientId"] = credentials.AzureClientId,
            ["Onramp:Azure:ClientSecret"] = credentials.AzureClientSecret,
            ["Onramp:Azure:TenantId"] = seed.TenantId,
            ["Onramp:Azure:SubscriptionId"] = seed.SubscriptionId,
            ["Onramp:Azure:RegistryId"] = seed.RegistryId,
            ["Onramp:Azure:ArmUrl"] = sandbox.Azure.ToString(),
            ["Onramp:Azure:AuthorityUrl"] = sandbox.Azure.ToString(),
            ["Onramp:Grafana:BaseUrl"] = sandbox.Grafana.ToString(),
            ["Onramp:Grafana:Token"] = credentials.GrafanaToken,
            ["Onramp:Catalog:BaseUrl"] = sandbox.Catalog.ToString(),
            ["Onramp:Catalog:Token"] = credentials.CatalogToken,
            ["Onramp:Notifications:SlackWebhookUrl"] = sandbox.SlackWebhook.ToString(),
            ["Onramp:Services:Poll"] = "00:00:00.050",
            ["Onramp:Services:StuckRetry"] = "00:00:00.200",
            ["Onramp:Services:Retry"] = "00:00:00.050",
            ["Onramp:Services:LookAfter"] = "00:00:00.300",
        };
    }

    /// <summary>Where a service's workflows stand, for what was waited for in vain.</summary>
    public Task<string> ExplainAsync(string service) => Explanation.OfAsync(this, service);

    /// <summary>As a worker does all the time: starts services again that somebody stopped.</summary>
    public Task<IReadOnlyList<string>> KeepServicesAsync(CancellationToken cancellationToken = default) => services.GetRequiredService<ServiceKeeper>().LookAsync(Client, cancellationToken);

    private async Task<T> ExplainedAsync<T>(Task<T> waiting, string service)
    {
        try
        {
            return await waiting;
        }
        catch (ShouldAssertException e)
        {
            throw new ShouldAssertException(e.Message + await ExplainAsync(service));
        }
    }

    private async Task<JsonNode?> SendAsync(Uri uri, string method, JsonNode? body, string token, string type)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        request.Headers.UserAgent.ParseAdd("somebody-else/1.0");
        request.Headers.Authorization = new("Bearer", token);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, type);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
            return null;
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {uri}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
