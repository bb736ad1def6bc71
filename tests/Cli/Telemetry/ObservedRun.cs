using System.Diagnostics;
using Onramp.Cli.Api;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Cli.Telemetry;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using OpenTelemetry.Trace;
using Serilog.Events;
using Temporalio.Client;

namespace Onramp.Cli.Tests.Telemetry;

/// <summary>One run for all who look at one. Meters are the process's: nothing else may run, or what others have under way is counted with it.</summary>
[CollectionDefinition(nameof(ObservedRun), DisableParallelization = true)]
public sealed class ObservedRunCollection : ICollectionFixture<ObservedRun>;

/// <summary>One onboarding, asked for in one process's life and approved in the next, and everything that was told about it.</summary>
public sealed class ObservedRun : IAsyncLifetime
{
    public const string Service = "observed";
    public const string Id = "observed-staging";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string folder = Directory.CreateTempSubdirectory("onramp-observed-").FullName;
    private readonly List<Activity> exported = [];
    private readonly List<int> ports = [];

    /// <summary>What a collector would have been sent.</summary>
    public IReadOnlyList<Activity> Spans => exported;

    /// <summary>Ports at which the API listened: whatever else this process does meanwhile is told to the same collector.</summary>
    public IReadOnlyList<int> Ports => ports;

    /// <summary>Attempts of the run's steps.</summary>
    public IEnumerable<Activity> Attempts => exported.Where(s => s.OperationName.StartsWith("RunActivity:", StringComparison.Ordinal) && s.GetTagItem("temporalWorkflowID") as string == $"onboarding-{Id}");

    /// <summary>The worker's page when the run had ended.</summary>
    public string MetricsPage { get; private set; } = "";

    /// <summary>Path of the chat's webhook, which is a secret in the world.</summary>
    public string WebhookPath { get; private set; } = "";

    /// <summary>Ids of the steps that other systems had a part in; their attempts have the same.</summary>
    public IReadOnlyList<string> StepsOfSystems { get; private set; } = [];

    /// <summary>How often the history says that a step was begun.</summary>
    public int AttemptsInHistory { get; private set; }

    public async Task InitializeAsync()
    {
        using var provider = Exporting.Traces(_ => null).AddInMemoryExporter(exported).Build();
        using var limit = new CancellationTokenSource(Limit);
        var digest = "";
        await WithStackAsync(async (_, api) =>
        {
            await api.RequestAsync(Request, idempotencyKey: null, limit.Token);
            await foreach (var happened in api.FollowAsync(Id, limit.Token))
            {
                if (happened.Data.Contains(nameof(OnboardingPhase.AwaitingApproval), StringComparison.Ordinal))
                    break;
            }
            digest = (await api.GetAsync(Id, limit.Token)).Progress.Plan!.Digest;
        });
        await WithStackAsync(async (stack, api) =>
        {
            await api.DecideAsync(Id, new ApprovalBody { Verdict = "approve", Approver = "ada", PlanDigest = digest }, limit.Token);
            await foreach (var happened in api.FollowAsync(Id, limit.Token))
            {
                // To its end.
            }
            var view = await api.GetAsync(Id, limit.Token);
            view.Progress.Status.ShouldBe(OnboardingStatus.Completed, view.Progress.Message);
            StepsOfSystems = [.. view.Progress.Steps.Where(s => s.Attempt > 0 && s.System is not ("onramp" or "notifications")).Select(s => s.Id)];
            WebhookPath = stack.Sandbox!.SlackWebhook.AbsolutePath;
            var temporal = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(stack.TemporalAddress));
            var history = await temporal.GetWorkflowHandle($"onboarding-{Id}").FetchHistoryAsync();
            AttemptsInHistory = history.Events.Sum(e => e.ActivityTaskStartedEventAttributes?.Attempt ?? 0);
            using var http = new HttpClient();
            MetricsPage = await http.GetStringAsync(new Uri(stack.WorkerHealth, "metrics"), limit.Token);
        });
        provider.ForceFlush();
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    private static ServiceRequest Request => new()
    {
        Name = Service,
        Team = "payments",
        Environment = Vocabulary.Staging,
        Requester = "grace",
        CostCenter = "cc-42",
        Notifications = new NotificationRequest { Channel = "#payments", Email = "payments@example.com" },
    };

    /// <summary>Everything that <c>up</c> starts, on the same files each time.</summary>
    private async Task WithStackAsync(Func<OnrampStack, OnrampApi, Task> run)
    {
        using var logs = new Logs(new LogSettings(LogEventLevel.Fatal, Json: false, File: null));
        await using var stack = await OnrampStack.StartAsync(
            new StackOptions
            {
                Api = EndPoints.FreeLoopback,
                Temporal = EndPoints.FreeLoopback,
                DataDirectory = folder,
                ConfigureSandbox = sandbox => sandbox.TemplatePopulationDelay = TimeSpan.FromMilliseconds(100),
            },
            new TemporalSettings(), logs, CancellationToken.None);
        ports.Add(stack.Api.Port);
        using var api = new OnrampApi(stack.Api, token: null);
        await run(stack, api);
    }
}
