using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Onramp.Cli.Api;
using Onramp.EndToEnd.Tests;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Onramp.Ui.Tests;

/// <summary>
/// The program as people start it, with the web UI built and served, on a fresh data folder with the sandbox; a browser; and a few runs to look at.
/// </summary>
public sealed partial class UiFixture : IAsyncLifetime
{
    public const string Collection = "web UI";

    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string folder = Directory.CreateTempSubdirectory("onramp-ui-").FullName;
    private OnrampProcess? program;
    private readonly CancellationTokenSource stopping = new();
    private IPlaywright? playwright;
    private TemporalWorker? worker;
    private Task working = Task.CompletedTask;

    /// <summary>Why nothing can be shown on this machine; null if all can.</summary>
    public string? Missing { get; private set; }

    internal Uri Ui { get; private set; } = null!;

    internal IBrowser Browser { get; private set; } = null!;

    internal OnrampApi Api { get; private set; } = null!;

    internal SandboxControl Sandbox { get; private set; } = null!;

    internal ITemporalClient Temporal { get; private set; } = null!;

    /// <summary>A service that is there: its run has ended well.</summary>
    internal Run Completed { get; private set; } = null!;

    /// <summary>A service whose plan waits for approval.</summary>
    internal Run Waiting { get; private set; } = null!;

    /// <summary>A service one of whose steps fails again and again.</summary>
    internal Run Failing { get; private set; } = null!;

    /// <summary>A run with a child, updates and queries, which waits.</summary>
    internal Run Sample { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Missing = await Chromium.MissingAsync();
        if (Missing is not null)
        {
            return;
        }

        var (exitCode, said) = await OnrampProcess.RunAsync(["ui", "build"], BuildLimit);
        exitCode.ShouldBe(0, said);
        var ports = OnrampProcess.FreePorts(3);
        program = OnrampProcess.Start(
            [
                "up", "--data", folder, "--api-listen", $"127.0.0.1:{ports[0]}", "--temporal-listen", $"127.0.0.1:{ports[1]}",
                "--ui-port", $"{ports[2]}", "--log-level", "error",
            ],
            [.. Quick.Settings().Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value))]);
        await program.Ready.WaitAsync(Patience);
        Ui = new Uri($"http://127.0.0.1:{ports[2]}/");
        Api = new OnrampApi(new Uri($"http://127.0.0.1:{ports[0]}"), token: null);
        Sandbox = new SandboxControl(new Uri(SandboxAddress().Match(program.Output).Value));
        Temporal = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions($"127.0.0.1:{ports[1]}"));
        playwright = await Playwright.CreateAsync();
        Browser = await Chromium.LaunchAsync(playwright);
        Completed = await EndAsync(await AskAsync("orders", Vocabulary.Development));
        Waiting = await PhaseAsync(await AskAsync("billing", Vocabulary.Staging), OnboardingPhase.AwaitingApproval);
        await Sandbox.FaultAsync(new { system = "azure", method = "PUT", route = "/subscriptions/{id}/resourcegroups/rg-ledger-dev", action = "fail", status = 503, times = 10_000 });
        worker = new TemporalWorker(Temporal, new TemporalWorkerOptions(SampleWorkflow.TaskQueue).AddWorkflow<SampleWorkflow>());
        working = worker.ExecuteAsync(stopping.Token);
        Sample = await StartSampleAsync("sample", hasChild: true);
        Failing = await RunOfAsync(await AskAsync("ledger", Vocabulary.Development));
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        playwright?.Dispose();
        await stopping.CancelAsync();
        await working.ContinueWith(static _ => { }, TaskScheduler.Default);
        worker?.Dispose();
        stopping.Dispose();
        Sandbox?.Dispose();
        Api?.Dispose();
        if (program is not null)
        {
            await program.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Asks for a service; the answer is its id.</summary>
    internal async Task<string> AskAsync(string name, string environment) =>
        (await Api.RequestAsync(
            new ServiceRequest { Name = name, Team = "payments", Environment = environment, Requester = "grace", CostCenter = "cc-42" },
            idempotencyKey: null, CancellationToken.None)).Id;

    /// <summary>Waits until a run is in this phase.</summary>
    internal async Task<Run> PhaseAsync(string id, OnboardingPhase phase)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var happened in Api.FollowAsync(id, limit.Token))
        {
            if (happened.Name == "phase" && happened.Data.Contains($"\"{phase}\"", StringComparison.Ordinal))
            {
                return await RunOfAsync(id);
            }
        }

        throw new InvalidOperationException($"{id} ended without being in phase {phase}.");
    }

    /// <summary>Waits for a run's end.</summary>
    internal async Task<Run> EndAsync(string id)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var _ in Api.FollowAsync(id, limit.Token))
        {
            // Only the end matters here.
        }

        return await RunOfAsync(id);
    }

    /// <summary>A page of the UI in a window of its own.</summary>
    internal async Task<UiPage> OpenAsync(string path, bool dark = false)
    {
        Skip.If(Missing is not null, Missing);
        var page = await UiPage.StartAsync(Browser, Ui, dark);
        await page.GoAsync(path);
        return page;
    }

    /// <summary>A page of a run in a window of its own.</summary>
    internal Task<UiPage> OpenAsync(Func<Run> run, string path = "/history")
    {
        Skip.If(Missing is not null, Missing);
        return OpenAsync(run(), path);
    }

    /// <summary>The page of a new service whose plan waits for approval.</summary>
    internal async Task<UiPage> OpenWaitingAsync(string name)
    {
        Skip.If(Missing is not null, Missing);
        return await OpenAsync(await PhaseAsync(await AskAsync(name, Vocabulary.Staging), OnboardingPhase.AwaitingApproval));
    }

    /// <summary>The page of a new sample run.</summary>
    internal async Task<UiPage> OpenSampleAsync(string name)
    {
        Skip.If(Missing is not null, Missing);
        return await OpenAsync(await StartSampleAsync(name, hasChild: false));
    }

    internal async Task<Run> StartSampleAsync(string name, bool hasChild)
    {
        var handle = await Temporal.StartWorkflowAsync(
            (SampleWorkflow sample) => sample.RunAsync(hasChild), new WorkflowOptions(name, SampleWorkflow.TaskQueue) { StaticSummary = "a sample for the UI" });
        return new Run(name, name, handle.ResultRunId!);
    }

    /// <summary>Waits until a run was terminated.</summary>
    internal async Task TerminatedAsync(string name)
    {
        var failure = await Should.ThrowAsync<WorkflowFailedException>(() => Temporal.GetWorkflowHandle(name).GetResultAsync().WaitAsync(Patience));
        failure.InnerException.ShouldBeOfType<TerminatedFailureException>();
    }

    /// <summary>How many events a run has.</summary>
    internal async Task<long> EventsAsync(Run run) => (await Temporal.GetWorkflowHandle(run.WorkflowId, run.RunId).DescribeAsync()).HistoryLength;

    private async Task<UiPage> OpenAsync(Run run, string path = "/history")
    {
        var page = await UiPage.StartAsync(Browser, Ui, dark: false);
        page.Run = run;
        await page.GoAsync(run.Path + path);
        return page;
    }

    private async Task<Run> RunOfAsync(string id)
    {
        var view = await Api.GetAsync(id, CancellationToken.None);
        return new Run(id, view.Progress.WorkflowId, view.Progress.RunId);
    }

    [GeneratedRegex("http://[^ ]*/_sandbox/(?=state)")]
    private static partial Regex SandboxAddress();
}

/// <summary>A run, and where the UI has it.</summary>
internal sealed record Run(string Id, string WorkflowId, string RunId)
{
    public string Path => $"namespaces/default/workflows/{Uri.EscapeDataString(WorkflowId)}/{RunId}";
}

[CollectionDefinition(UiFixture.Collection)]
public sealed class UiCollection : ICollectionFixture<UiFixture>;
