using System.Collections.Concurrent;
using Google.Protobuf;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Tuning;
using Temporalio.Workflows;

namespace Onramp.Temporal.Tests.Worker;

/// <summary>Workers start, stop, hand over, forget and rebuild.</summary>
public class WorkerLifeTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task Stopped_worker_hands_its_workflows_over()
    {
        var queue = $"queue-{Guid.NewGuid():N}";
        TemporalWorkerOptions Options() => new TemporalWorkerOptions(queue).AddWorkflow<Collecting>();
        WorkflowHandle<Collecting, string> handle = null!;
        using (var first = new TemporalWorker(server.Client, Options()))
        {
            await first.ExecuteAsync(async () =>
            {
                handle = await server.Client.StartWorkflowAsync((Collecting w) => w.RunAsync(2), new($"wf-{Guid.NewGuid():N}", queue));
                await handle.SignalAsync(w => w.AddAsync("first"));
                (await handle.QueryAsync(w => w.Items)).ShouldBe(["first"]);
            });
        }

        using var second = new TemporalWorker(server.Client, Options());
        await second.ExecuteAsync(async () =>
        {
            (await handle.QueryAsync(w => w.Items)).ShouldBe(["first"]);
            await handle.SignalAsync(w => w.AddAsync("second"));
            (await handle.GetResultAsync()).ShouldBe("first, second");
        });
    }

    [Fact]
    public async Task Closed_workflow_is_rebuilt_to_answer_queries()
    {
        var queue = $"queue-{Guid.NewGuid():N}";
        WorkflowHandle<Collecting, string> handle = null!;
        for (var i = 0; i < 2; i++)
        {
            using var worker = new TemporalWorker(server.Client, new TemporalWorkerOptions(queue).AddWorkflow<Collecting>());
            await worker.ExecuteAsync(async () =>
            {
                handle ??= await server.Client.StartWorkflowAsync((Collecting w) => w.RunAsync(0), new($"wf-{Guid.NewGuid():N}", queue));
                await handle.GetResultAsync();
                (await handle.QueryAsync(w => w.Items)).ShouldBeEmpty();
            });
        }
    }

    /// <summary>A worker lets go of a run that has closed, and forgets those of its questions that waited behind another.</summary>
    [Fact]
    public Task Everybody_who_asks_a_workflow_that_has_just_closed_is_answered() => server.RunAsync(
        options => options.AddWorkflow<Collecting>(),
        async taskQueue =>
        {
            async Task AskAsync()
            {
                var handle = await server.Client.StartWorkflowAsync((Collecting w) => w.RunAsync(0), LocalServer.Start(taskQueue));
                await handle.GetResultAsync();
                await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => handle.QueryAsync(w => w.Items)));
            }

            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync())).WaitAsync(TimeSpan.FromMinutes(1));
        });

    [Fact]
    public async Task Token_stops_the_worker_and_shows_as_cancellation()
    {
        using var stop = new CancellationTokenSource();
        using var worker = new TemporalWorker(server.Client, new TemporalWorkerOptions("stopped").AddWorkflow<Collecting>());
        var running = worker.ExecuteAsync(stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(30)));
        Should.Throw<InvalidOperationException>(() => worker.ExecuteAsync(CancellationToken.None)).Message.ShouldBe("Already started");
    }

    [Fact]
    public async Task Failure_of_the_function_stops_the_worker_and_shows()
    {
        using var worker = new TemporalWorker(server.Client, new TemporalWorkerOptions("failing").AddWorkflow<Collecting>());
        await Should.ThrowAsync<DivideByZeroException>(
            () => worker.ExecuteAsync(() => Task.FromException(new DivideByZeroException())).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Unknown_namespace_is_refused_at_once()
    {
        var client = server.NewClient(new TemporalClientOptions { Namespace = "nowhere" });
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions("queue").AddWorkflow<Collecting>());
        (await Should.ThrowAsync<InvalidOperationException>(() => worker.ExecuteAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30))))
            .Message.ShouldContain("Namespace nowhere is not found.");
    }

    [Fact]
    public Task Long_history_is_fetched_page_by_page() => server.RunAsync(
        options =>
        {
            options.MaxCachedWorkflows = 0;
            options.AddWorkflow<ManySteps>().AddAllActivities(new Steps());
        },
        async taskQueue =>
        {
            var handle = await server.Client.StartWorkflowAsync((ManySteps w) => w.RunAsync(50), LocalServer.Start(taskQueue));
            (await handle.GetResultAsync()).ShouldBe(50);
            (await handle.FetchHistoryAsync()).Events.Count.ShouldBeGreaterThan(256);
        });

    [Fact]
    public async Task Codec_covers_everything_the_workflow_sends_and_gets()
    {
        var codec = new XorCodec();
        var client = server.NewClient(new TemporalClientOptions { DataConverter = DataConverter.Default with { PayloadCodec = codec } });
        await server.RunAsync(
            options => options.AddWorkflow<Collecting>().AddWorkflow<Secretive>().AddAllActivities(new Steps()),
            async taskQueue =>
            {
                var handle = await client.StartWorkflowAsync((Secretive w) => w.RunAsync("input"), LocalServer.Start(taskQueue));
                await handle.SignalAsync(w => w.TellAsync("signal"));
                (await handle.GetResultAsync()).ShouldBe("input echoed signal memo");
                (await handle.QueryAsync(w => w.Told("query"))).ShouldBe("query signal");
                var text = (await handle.FetchHistoryAsync()).ToJson();
                foreach (var secret in new[] { "input", "signal", "memo value", "a summary" })
                {
                    text.ShouldNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"\"{secret}\"")));
                }

                var failing = await Should.ThrowAsync<WorkflowFailedException>(
                    () => client.ExecuteWorkflowAsync((Secretive w) => w.RunAsync("fail"), LocalServer.Start(taskQueue)));
                failing.InnerException.ShouldBeOfType<ApplicationFailureException>().Details.ElementAt<string>(0).ShouldBe("detail");
            },
            client);
    }

    [Fact]
    public async Task Interceptors_see_every_call_and_events_every_task()
    {
        var log = new ConcurrentQueue<string>();
        await server.RunAsync(
            options =>
            {
                options.Interceptors = [new Recording(log)];
                options.WorkflowTaskStarting += (_, args) => log.Enqueue($"starting {args.WorkflowDefinition.Name}");
                options.WorkflowTaskCompleted += (_, args) => log.Enqueue($"completed {args.TaskFailureException?.Message ?? "well"}");
                options.AddWorkflow<ManySteps>().AddAllActivities(new Steps());
            },
            async taskQueue => await server.Client.ExecuteWorkflowAsync((ManySteps w) => w.RunAsync(1), LocalServer.Start(taskQueue)));
        log.ShouldBe(
        [
            "starting ManySteps", "execute ManySteps", "schedule Step", "completed well", "starting ManySteps", "completed well",
        ]);
    }

    [Fact]
    public async Task Custom_slots_are_all_given_back()
    {
        var supplier = new CountingSlots();
        await server.RunAsync(
            options =>
            {
                options.Tuner = new WorkerTuner(
                    supplier, new FixedSizeSlotSupplier(10), new FixedSizeSlotSupplier(1), new FixedSizeSlotSupplier(1));
                options.AddWorkflow<ManySteps>().AddAllActivities(new Steps());
            },
            async taskQueue => await server.Client.ExecuteWorkflowAsync((ManySteps w) => w.RunAsync(3), LocalServer.Start(taskQueue)));
        supplier.Reserved.ShouldBe(supplier.Released);
        supplier.Used.ShouldBeGreaterThan(0);
    }

    public class Steps
    {
        [Activity]
        public int Step(int number) => number;

        [Activity]
        public string Echo(string text) => $"{text} echoed";
    }

    [Workflow]
    public class Collecting
    {
        [WorkflowQuery]
        public List<string> Items { get; } = [];

        [WorkflowSignal]
        public Task AddAsync(string item)
        {
            Items.Add(item);
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task<string> RunAsync(int count)
        {
            await Workflow.WaitConditionAsync(() => Items.Count >= count);
            return string.Join(", ", Items);
        }
    }

    [Workflow]
    public class ManySteps
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int count)
        {
            for (var i = 1; i < count; i++)
            {
                await Workflow.ExecuteActivityAsync((Steps a) => a.Step(i), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) });
            }

            return await Workflow.ExecuteActivityAsync((Steps a) => a.Step(count), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) });
        }
    }

    [Workflow]
    public class Secretive
    {
        private string? told;

        [WorkflowSignal]
        public Task TellAsync(string text)
        {
            told = text;
            return Task.CompletedTask;
        }

        [WorkflowQuery]
        public string Told(string prefix) => $"{prefix} {told}";

        [WorkflowRun]
        public async Task<string> RunAsync(string input)
        {
            if (input == "fail")
            {
                throw new ApplicationFailureException("failed", details: ["detail"]);
            }

            var echoed = await Workflow.ExecuteActivityAsync(
                (Steps a) => a.Echo(input), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), Summary = "a summary" });
            await Workflow.WaitConditionAsync(() => told is not null);
            Workflow.UpsertMemo(MemoUpdate.ValueSet("memo", "memo value"));
            return $"{echoed} {told} {Workflow.Memo.Keys.Single()}";
        }
    }

    private sealed class XorCodec : IPayloadCodec
    {
        public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) =>
            Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(payload => new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/xor") },
                Data = Xor(payload.ToByteString()),
            })]);

        public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) =>
            Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(payload =>
                payload.Metadata["encoding"].ToStringUtf8() == "binary/xor" ? Payload.Parser.ParseFrom(Xor(payload.Data)) : payload)]);

        private static ByteString Xor(ByteString data) => ByteString.CopyFrom([.. data.Select(b => (byte)(b ^ 0x5A))]);
    }

    private sealed class Recording(ConcurrentQueue<string> log) : IWorkerInterceptor
    {
        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(log, nextInterceptor);

        private sealed class Inbound(ConcurrentQueue<string> log, WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
        {
            public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(log, outbound));

            public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                log.Enqueue($"execute {input.Instance.GetType().Name}");
                return base.ExecuteWorkflowAsync(input);
            }
        }

        private sealed class Outbound(ConcurrentQueue<string> log, WorkflowOutboundInterceptor next) : WorkflowOutboundInterceptor(next)
        {
            public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input)
            {
                log.Enqueue($"schedule {input.Activity}");
                return base.ScheduleActivityAsync<TResult>(input);
            }
        }
    }

    private sealed class CountingSlots : CustomSlotSupplier
    {
        private readonly SemaphoreSlim free = new(5, 5);
        private int reserved;
        private int released;
        private int used;

        public int Reserved => reserved;

        public int Released => released;

        public int Used => used;

        public override async Task<SlotPermit> ReserveSlotAsync(SlotReserveContext ctx, CancellationToken cancellationToken)
        {
            await free.WaitAsync(cancellationToken);
            Interlocked.Increment(ref reserved);
            return new SlotPermit("mine");
        }

        public override SlotPermit? TryReserveSlot(SlotReserveContext ctx) => null;

        public override void MarkSlotUsed(SlotMarkUsedContext ctx) => Interlocked.Increment(ref used);

        public override void ReleaseSlot(SlotReleaseContext ctx)
        {
            ctx.Permit.UserData.ShouldBe("mine");
            Interlocked.Increment(ref released);
            free.Release();
        }
    }
}
