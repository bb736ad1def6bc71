using System.Collections.Concurrent;
using System.Diagnostics;
using Onramp.Testing;
using Onramp.Workflows.Tracing;
using Temporalio.Client;
using Temporalio.Worker;

namespace Onramp.Workflows.Tests.Tracing;

/// <summary>Which trace each step belongs to, when every workflow task replays the run from its start.</summary>
public sealed class TracingTests : IAsyncLifetime
{
    private static readonly ActivitySource Callers = new(nameof(TracingTests));
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Activity> spans = new();
    private readonly HeaderReader reader = new();
    private EmbeddedEnvironment environment = null!;
    private ActivityListener listener = null!;
    private ActivityTraceId started;
    private ActivityTraceId released;
    private ActivityTraceId updated;

    private IEnumerable<Activity> Ours => spans.Where(s => s.Source.Name == TracingInterceptor.SourceName);

    private IEnumerable<Activity> Steps => Ours.Where(s => s.Kind == ActivityKind.Server);

    public async Task InitializeAsync()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is TracingInterceptor.SourceName or nameof(TracingTests),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        // Clients meet the interceptors in this order, workflows' own calls in the reverse: the reader is last on both ways.
        environment = await EmbeddedEnvironment.StartAsync(configureClient: client => client.Interceptors = [new WorkerSide(reader), new TracingInterceptor(), new ClientSide(reader)]);
        using var worker = new TemporalWorker(environment.Client, new TemporalWorkerOptions("traced") { MaxCachedWorkflows = 0 }
            .AddWorkflow<TracedWorkflow>().AddAllActivities(typeof(TracedActivities), null));
        await worker.ExecuteAsync(RunAsync).WaitAsync(Limit);
    }

    public async Task DisposeAsync()
    {
        listener.Dispose();
        await environment.DisposeAsync();
    }

    /// <summary>In whichever order they come: the signal may be there before the run's first step.</summary>
    [Fact]
    public void A_step_belongs_to_the_call_that_caused_it() =>
        Steps.Select(s => ((string)s.GetTagItem("step.name")!, s.TraceId)).OrderBy(s => s.Item1, StringComparer.Ordinal)
            .ShouldBe([("after the signal", started), ("run", started), ("signal", released)]);

    [Fact]
    public void Children_and_next_runs_are_given_the_trace_of_their_run_and_updates_that_of_their_caller() =>
        reader.Traces.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, t.Value)).ShouldBe([("child", started), ("next run", started), ("update", updated)]);

    [Fact]
    public void Calls_and_attempts_make_spans_and_replays_make_none() =>
        Ours.Select(s => s.OperationName).Order(StringComparer.Ordinal).ShouldBe(
            ["RunActivity:Step", "RunActivity:Step", "RunActivity:Step", "SignalWorkflow:Release", "StartWorkflow:TracedWorkflow", "UpdateWorkflow:More"]);

    [Fact]
    public void A_step_tells_its_id_attempt_and_run()
    {
        string[] told = [TraceTags.Step, TraceTags.Attempt, TraceTags.WorkflowId, TraceTags.RunId];

        Steps.SelectMany(s => told.Where(tag => string.IsNullOrEmpty(s.GetTagItem(tag)?.ToString()))).ShouldBeEmpty();
    }

    private async Task RunAsync()
    {
        WorkflowHandle<TracedWorkflow> handle;
        using (var call = Callers.StartActivity("start").ShouldNotBeNull())
        {
            started = call.TraceId;
            handle = await environment.Client.StartWorkflowAsync((TracedWorkflow w) => w.RunAsync(), new WorkflowOptions("traced", "traced"));
        }
        using (var call = Callers.StartActivity("update").ShouldNotBeNull())
        {
            updated = call.TraceId;
            await handle.StartUpdateAsync("More", [], new WorkflowUpdateStartOptions(WorkflowUpdateStage.Accepted));
        }
        using (var call = Callers.StartActivity("signal").ShouldNotBeNull())
        {
            released = call.TraceId;
            await handle.SignalAsync(w => w.ReleaseAsync());
        }
        await handle.GetResultAsync();
    }
}
