using Onramp.Testing;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>One embedded server a test class.</summary>
public sealed class OnboardingEnvironment : IAsyncLifetime
{
    private EmbeddedEnvironment? environment;
    private int runs;

    public ITemporalClient Client => environment!.Client;

    /// <summary>Skips time on the server.</summary>
    public Task DelayAsync(TimeSpan delay) => environment!.DelayAsync(delay);

    public async Task InitializeAsync() => environment = await EmbeddedEnvironment.StartAsync(OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword));

    public async Task DisposeAsync() => await environment!.DisposeAsync();

    /// <summary>Runs a test beside a worker with these fakes; the task queue and the workflow's id are the test's own.</summary>
    internal async Task WithWorkerAsync(FakeSystems systems, Func<OnboardingCase, Task> test)
    {
        var number = Interlocked.Increment(ref runs);
        var options = new TemporalWorkerOptions($"onboarding-{number}").AddWorkflow<OnboardServiceWorkflow>();
        foreach (var activity in systems.Activities())
            options.AddActivity(activity);
        using var worker = new TemporalWorker(Client, options);
        await worker.ExecuteAsync(() => test(new OnboardingCase(Client, options.TaskQueue!, $"onboarding-test-{number}")));
    }
}

/// <summary>Starting and watching one run.</summary>
internal sealed class OnboardingCase(ITemporalClient client, string taskQueue, string id)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public ITemporalClient Client => client;

    public Task<WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress>> StartAsync(ServiceRequest request) =>
        client.StartWorkflowAsync((OnboardServiceWorkflow w) => w.RunAsync(request), new WorkflowOptions(id, taskQueue));

    /// <summary>Starts with a signal that is there before the first workflow task.</summary>
    public Task<WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress>> StartAsync(
        ServiceRequest request, System.Linq.Expressions.Expression<Func<OnboardServiceWorkflow, Task>> signal)
    {
        var options = new WorkflowOptions(id, taskQueue);
        options.SignalWithStart(signal);
        return client.StartWorkflowAsync((OnboardServiceWorkflow w) => w.RunAsync(request), options);
    }

    /// <summary>Asks until the progress is as wanted: a query is the only way to see it from outside.</summary>
    public static async Task<OnboardingProgress> UntilAsync(
        WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress> handle, Func<OnboardingProgress, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var progress = await handle.QueryAsync(w => w.Progress());
            if (wanted(progress))
                return progress;
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(10, limit.Token);
        }
    }
}
