using Onramp.Cli.Api;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Serilog.Events;

namespace Onramp.EndToEnd.Tests;

/// <summary>Server, sandbox, worker and starter, all real, in this process and in memory.</summary>
public class StackFixture : IAsyncLifetime
{
    public static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(5);

    private Logs? logs;
    private OnrampStack? stack;

    protected virtual (string Key, string Value)[] Settings => [];

    internal OnrampApi Api { get; private set; } = null!;

    internal SandboxControl Sandbox { get; private set; } = null!;

    internal OnrampStack Stack => stack!;

    public async Task InitializeAsync()
    {
        logs = new Logs(new LogSettings(LogEventLevel.Error, Json: false, Environment.GetEnvironmentVariable("ONRAMP_TEST_LOG")));
        stack = await OnrampStack.StartAsync(
            new StackOptions
            {
                Api = EndPoints.FreeLoopback,
                Temporal = EndPoints.FreeLoopback,
                ConfigureSandbox = Quick.Sandbox,
                ConfigureStarter = Quick.Starter,
                Settings = Quick.Settings(Settings),
            },
            new TemporalSettings(), logs, CancellationToken.None);
        Api = new OnrampApi(stack.Api, token: null);
        Sandbox = new SandboxControl(stack.Sandbox!.Control);
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        Sandbox.Dispose();
        await stack!.DisposeAsync();
        logs!.Dispose();
    }

    /// <summary>A request that nobody needs to approve.</summary>
    internal static ServiceRequest Request(string name, string environment = Vocabulary.Development) => new()
    {
        Name = name,
        Team = "payments",
        Environment = environment,
        Requester = "grace",
        CostCenter = "cc-42",
        Notifications = new NotificationRequest { Channel = "#payments", Email = "payments@example.com" },
    };

    /// <summary>Asks and follows to the end.</summary>
    internal async Task<ServiceView> OnboardAsync(ServiceRequest request)
    {
        using var limit = new CancellationTokenSource(RunLimit);
        var accepted = await Api.RequestAsync(request, idempotencyKey: null, limit.Token);
        return await EndAsync(accepted.Id);
    }

    /// <summary>Waits for a run's end.</summary>
    internal async Task<ServiceView> EndAsync(string id)
    {
        using var limit = new CancellationTokenSource(RunLimit);
        try
        {
            await foreach (var _ in Api.FollowAsync(id, limit.Token))
            {
                // Only the end matters here.
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{id} did not end in {RunLimit.TotalSeconds} s: {Describe(await Api.GetAsync(id, CancellationToken.None))}");
        }
        return await Api.GetAsync(id, CancellationToken.None);
    }

    /// <summary>Waits until a run is in this phase.</summary>
    internal async Task<ServiceView> PhaseAsync(string id, OnboardingPhase phase)
    {
        using var limit = new CancellationTokenSource(RunLimit);
        await foreach (var happened in Api.FollowAsync(id, limit.Token))
        {
            if (happened.Name == "phase" && happened.Data.Contains($"\"{phase}\"", StringComparison.Ordinal))
                return await Api.GetAsync(id, limit.Token);
        }
        throw new Xunit.Sdk.XunitException($"{id} ended without being in phase {phase}: {Describe(await Api.GetAsync(id, CancellationToken.None))}");
    }

    internal Task<DecisionAccepted> DecideAsync(ServiceView view, string approver, string verdict = "approve", string? digest = null, params string[] groups) =>
        Api.DecideAsync(view.Id, new ApprovalBody
        {
            Verdict = verdict,
            Approver = approver,
            Groups = groups,
            PlanDigest = digest ?? view.Progress.Plan!.Digest,
            Comment = "end-to-end test",
        }, CancellationToken.None);

    /// <summary>A run in words, for failing assertions.</summary>
    internal static string Describe(ServiceView view) =>
        $"{view.Id} is {view.Progress.Status}/{view.Progress.Phase}: {view.Progress.Message}\n"
        + string.Join('\n', view.Progress.Steps.Select(s => $"  {s.Id} {s.State} attempt {s.Attempt} {s.LastError?.Type} {s.LastError?.Message}"));
}
