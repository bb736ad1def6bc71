using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Onramp.Activities;
using Onramp.Worker.Interception;
using Onramp.Worker.Metrics;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Readiness;
using Onramp.Workflows.Services;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;
using Temporalio.Worker;

namespace Onramp.Worker;

/// <summary>Workflows and activities of onboarding, at work; health and metrics beside them. Dispose to drain and stop.</summary>
public sealed class WorkerHost : IAsyncDisposable
{
    public const string Live = "/healthz/live";
    public const string Ready = "/healthz/ready";
    public const string MetricsPath = "/metrics";

    private readonly WebApplication application;

    private WorkerHost(WebApplication application, Uri address)
    {
        this.application = application;
        Address = address;
    }

    /// <summary>Where health and metrics are.</summary>
    public Uri Address { get; }

    /// <summary>Ends when the worker has, with what it failed with: a refused key, a namespace that is gone. It starts no second time.</summary>
    public Task Completion => Task.WhenAll(application.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(s => s.ExecuteTask ?? Task.CompletedTask));

    /// <summary>Starts a worker on a client that the caller keeps and disposes.</summary>
    /// <param name="options">How to work.</param>
    /// <param name="configuration">Where the activities find the systems they call.</param>
    /// <param name="client">Connection to the Temporal server.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<WorkerHost> StartAsync(
        WorkerOptions options, IConfiguration configuration, ITemporalClient client, ILoggerFactory loggers, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var application = Build(options, configuration, client, loggers);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
        var addresses = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        return new WorkerHost(application, new Uri(addresses.First()));
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    private static WebApplication Build(WorkerOptions options, IConfiguration configuration, ITemporalClient client, ILoggerFactory loggers)
    {
        // An empty one: its settings are those that it is given, not also those of an appsettings.json where it is started.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(WorkerHost).Assembly.GetName().Name });
        builder.Configuration.AddConfiguration(configuration);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen);
        });
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = options.GracefulShutdownTimeout + TimeSpan.FromSeconds(5);
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(client);
        var metrics = new OnboardingMetrics();
        builder.Services.AddSingleton(_ => metrics);
        builder.Services.AddSingleton<NamespaceReadiness>();
        builder.Services.AddRouting();
        builder.Services.AddMetricsPage();
        options.ConfigureServices?.Invoke(builder.Services);
        AddWorker(builder.Services, options, configuration, metrics, loggers);

        var application = builder.Build();
        application.UseMetricsPage(MetricsPath, options.MetricsToken);
        application.MapGet(Live, () => TypedResults.Text("live"));
        application.MapGet(Ready, async (HttpContext context, NamespaceReadiness readiness) =>
            await readiness.ProblemAsync(context.RequestAborted) is { } problem
                ? TypedResults.Text(problem, statusCode: StatusCodes.Status503ServiceUnavailable)
                : TypedResults.Text("ready"));
        return application;
    }

    private static void AddWorker(IServiceCollection services, WorkerOptions options, IConfiguration configuration, OnboardingMetrics metrics, ILoggerFactory loggers)
    {
        services.AddOnrampActivities(configuration);
        var worker = services.AddHostedTemporalWorker(options.TaskQueue).AddWorkflow<OnboardServiceWorkflow>()
            .AddWorkflow<ServiceWorkflow>().AddWorkflow<ChangeWorkflow>().AddWorkflow<RequestWorkflow>().AddWorkflow<PlanWorkflow>().AddWorkflow<HoldWorkflow>();
        foreach (var type in OnrampActivities.Types)
            worker.AddSingletonActivities(type);
        worker.ConfigureOptions(o =>
        {
            o.MaxConcurrentActivities = options.MaxConcurrentActivities;
            o.MaxCachedWorkflows = options.MaxCachedWorkflows;
            o.GracefulShutdownTimeout = options.GracefulShutdownTimeout;
            o.MaxHeartbeatThrottleInterval = Heartbeats.Interval;
            o.WorkflowStackTrace = options.WorkflowStackTraces ? WorkflowStackTrace.Normal : WorkflowStackTrace.None;
            o.LoggerFactory = loggers;
            o.Interceptors = [new WorkerInterceptor(metrics, loggers, TimeProvider.System)];
        });
        services.AddHostedService<KeptServices>();
    }
}
