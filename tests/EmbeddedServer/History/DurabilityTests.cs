using Grpc.Core;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Command.V1;
using Temporalio.Api.WorkflowService.V1;
using Xunit.Abstractions;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What is answered is stored, and what is stored is all there is.</summary>
public sealed class DurabilityTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_commit_that_fails_changes_nothing_and_the_next_one_goes_on_from_before()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var task = await world.PollAsync();
        await world.SignalAsync("kept");
        var before = (await world.DescribeAsync()).ToString();
        world.Store.FailsNextCommit = true;

        (await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, Activity("a"), Timer("t", 5)))).Kind.ShouldBe(RefusalKind.Unavailable);

        (await world.DescribeAsync()).ToString().ShouldBe(before);
        world.Tasks.Take(Onramp.EmbeddedServer.Storage.TaskKind.Activity).ShouldBeNull();
        await world.CompleteAsync(task, Marker("m"));
        (await world.EventsAsync()).Skip(3).Show().ShouldBe("""
            4 WorkflowTaskCompleted
            5 MarkerRecorded m
            6 WorkflowExecutionSignaled kept
            7 WorkflowTaskScheduled
            """);
    }

    [Fact]
    public async Task A_start_whose_commit_fails_has_not_happened()
    {
        await using var world = World.Create();
        world.Store.FailsNextCommit = true;

        await Should.ThrowAsync<RefusalException>(() => world.StartAsync());

        (await Should.ThrowAsync<RefusalException>(() => world.DescribeAsync())).Kind.ShouldBe(RefusalKind.NotFound);
        (await world.StartAsync()).Started.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task After_any_sequence_of_steps_a_restart_finds_everything_as_it_was(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var world = World.Create();
        await world.StartAsync(change: r => r.RetryPolicy = new());
        var steps = new RandomSteps(world, random);
        for (var step = 0; step < 60; step++)
        {
            await steps.TakeAsync();
            var state = (await world.DescribeAsync()).ToString();
            var history = await world.EventsAsync();

            await world.RestartAsync();

            (await world.DescribeAsync()).ToString().ShouldBe(state, $"step {step}");
            (await world.EventsAsync()).ShouldBe(history, $"step {step}");
            history.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, history.Count).Select(id => (long)id), $"step {step}");
        }
    }

    /// <summary>A client, a worker and a clock that do whatever comes to mind; refusals are fine.</summary>
    private sealed class RandomSteps(World world, Random random)
    {
        private readonly List<PollActivityTaskQueueResponse> activities = [];
        private PollWorkflowTaskQueueResponse? task;
        private int names;

        public async Task TakeAsync()
        {
            try
            {
                await StepAsync();
            }
            catch (RefusalException)
            {
                // Refused: then nothing may have changed, which the caller compares.
            }
        }

        private async Task StepAsync()
        {
            switch (random.Next(10))
            {
                case 0:
                    await world.SignalAsync($"s{names++}", requestId: $"r{random.Next(10)}");
                    break;
                case 1 or 2:
                    task = await world.TryPollAsync() ?? task;
                    break;
                case 3 or 4 when task is not null:
                    await world.CompleteAsync(task, random.Next(2) == 0 ? World.KeepSticky : _ => { }, Some());
                    break;
                case 5 when task is not null:
                    await world.FailTaskAsync(task);
                    break;
                case 6:
                    if (await world.TryPollActivityAsync() is { } started)
                    {
                        activities.Add(started);
                    }

                    break;
                case 7 when activities.Count > 0:
                    await EndActivityAsync(activities[random.Next(activities.Count)]);
                    break;
                case 8:
                    await world.PassAsync(TimeSpan.FromSeconds(random.Next(8)));
                    break;
                case 9 when random.Next(8) == 0:
                    await world.RequestCancelAsync();
                    break;
            }
        }

        private Task EndActivityAsync(PollActivityTaskQueueResponse activity) => random.Next(4) switch
        {
            0 => world.CompleteActivityAsync(activity),
            1 => world.FailActivityAsync(activity, retryable: random.Next(2) == 0),
            _ => world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = activity.TaskToken, Details = World.Text("beat") }),
        };

        private Command[] Some() => Enumerable.Range(0, random.Next(4)).Select(_ => One()).ToArray();

        private Command One() => random.Next(12) switch
        {
            0 or 1 or 2 => Activity($"a{names++}", a => a.HeartbeatTimeout = Seconds(random.Next(20))),
            3 or 4 => Timer($"t{names++}", random.Next(10)),
            5 => CancelTimer($"t{random.Next(names + 1)}"),
            6 => CancelActivity(random.Next(20)),
            7 => random.Next(4) == 0 ? Fail() : Marker("m"),
            8 => random.Next(4) == 0 ? ContinueAsNew() : Marker("m"),
            _ => Marker("m"),
        };
    }
}
