using System.Diagnostics;
using Onramp.Testing;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Activities.Tests;

/// <summary>An embedded server a test, and a worker a run, against the class's sandbox.</summary>
public abstract class WholeRunTestBase(SandboxFixture fixture) : IAsyncLifetime
{
    private EmbeddedEnvironment? environment;

    protected SandboxFixture Fixture { get; } = fixture;

    public async Task InitializeAsync() => environment = await EmbeddedEnvironment.StartAsync(OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword));

    public async Task DisposeAsync() => await environment!.DisposeAsync();

    private protected async Task<SandboxRun> StartAsync(ServiceRequest request)
    {
        var run = SandboxRun.Create(
            Fixture.Sandbox,
            request,
            settings:
            [
                ("Onramp:Onboarding:Timing:PollInterval", "00:00:00.02"),
                ("Onramp:Onboarding:Timing:PollMaximum", "00:00:00.1"),
                ("Onramp:Onboarding:Timing:RetryInterval", "00:00:00.02"),
                ("Onramp:Onboarding:Timing:RetryMaximum", "00:00:00.1"),
            ]);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }

    private protected async Task<OnboardingProgress> ExecuteAsync(SandboxRun run, string? workflowId = null)
    {
        OnboardingProgress? progress = null;
        await BeginAsync(run, async handle => progress = await handle.GetResultAsync(), workflowId);
        return progress!;
    }

    private protected async Task<WorkflowHandle> BeginAsync(
        SandboxRun run, Func<WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress>, Task> watch, string? workflowId = null)
    {
        var options = new TemporalWorkerOptions($"onboarding-{Stopwatch.GetTimestamp()}").AddWorkflow<OnboardServiceWorkflow>();
        foreach (var type in OnrampActivities.Types)
            options.AddAllActivities(type, run.Service(type));
        using var worker = new TemporalWorker(environment!.Client, options);
        return await worker.ExecuteAsync(async () =>
        {
            var handle = await environment.Client.StartWorkflowAsync(
                (OnboardServiceWorkflow w) => w.RunAsync(run.Request),
                new WorkflowOptions(workflowId ?? OnboardingContract.WorkflowId(run.Request.Name, run.Request.Environment), options.TaskQueue!));
            await watch(handle);
            return (WorkflowHandle)handle;
        });
    }
}
