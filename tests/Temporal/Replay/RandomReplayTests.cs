using Temporalio.Api.Enums.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>
/// Workflows made up from a seed, run task by task against a simulated server that does what it likes, sometimes thrown out of memory,
/// sometimes with a failed task. Whatever happened, the whole history replays, and what the code gave once it gives again.
/// </summary>
public class RandomReplayTests
{
    private const int Seeds = 300;
    private const int MaxTasks = 200;

    [Fact]
    public async Task Random_workflows_replay()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            await RunAsync(seed);
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        var run = new SimulatedRun(typeof(RandomWorkflow), [seed]);
        try
        {
            for (var task = 0; !run.Server.Closed; task++)
            {
                task.ShouldBeLessThan(MaxTasks, "the workflow never ends");
                if (random.Next(6) == 0)
                {
                    run.Evict();
                }

                if (random.Next(8) == 0)
                {
                    run.Server.StartTask();
                    run.Server.FailTask();
                    run.Evict();
                }

                await run.RunTaskAsync();
                if (!run.Server.Closed)
                {
                    Happen(run.Server, random);
                }
            }

            (await run.ReplayAsync()).ShouldBeNull();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed} failed: {e.Message}\n{run.Server.Text}", e);
        }
    }

    /// <summary>Lets at least one thing happen that the workflow may be waiting for.</summary>
    private static void Happen(SimulatedServer server, Random random)
    {
        server.PassTime(TimeSpan.FromSeconds(random.Next(100)));
        for (var happened = false; !happened || random.Next(3) == 0;)
        {
            switch (random.Next(8))
            {
                case 0:
                    server.Signal("nudge", random.Next(5));
                    happened = true;
                    break;
                case 1 when random.Next(10) == 0:
                    server.RequestCancel();
                    happened = true;
                    break;
                case 2 or 3 when server.PendingTimers.Count > 0:
                    server.FireTimer(server.PendingTimers.ElementAt(random.Next(server.PendingTimers.Count)));
                    happened = true;
                    break;
                case > 3 when server.PendingActivities.Count > 0:
                    EndActivity(server, server.PendingActivities.ElementAt(random.Next(server.PendingActivities.Count)), random);
                    happened = true;
                    break;
                default:
                    happened |= random.Next(20) == 0;
                    break;
            }
        }
    }

    private static void EndActivity(SimulatedServer server, long scheduledEventId, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                server.FailActivity(scheduledEventId, "broken");
                break;
            case 1:
                server.TimeOutActivity(scheduledEventId, TimeoutType.StartToClose);
                break;
            case 2 when server.Events.Any(e => e.ActivityTaskCancelRequestedEventAttributes?.ScheduledEventId == scheduledEventId):
                server.CancelActivity(scheduledEventId);
                break;
            default:
                server.CompleteActivity(scheduledEventId, random.Next(100));
                break;
        }
    }
}

/// <summary>Does random things, which depend on its seed and on what it hears, and nothing else.</summary>
[Workflow]
public class RandomWorkflow
{
    private readonly List<int> nudges = [];
    private readonly Temporalio.Workflows.Semaphore semaphore = new(2);
    private readonly List<Task> running = [];
    private readonly CancellationTokenSource scope = new();
    private int steps;

    [WorkflowSignal]
    public async Task NudgeAsync(int value)
    {
        nudges.Add(value);
        if (value == 0)
        {
            await Workflow.DelayAsync(TimeSpan.FromSeconds(value + 1));
        }
    }

    [WorkflowRun]
    public async Task<string> RunAsync(int seed)
    {
        var coroutines = 1 + (seed % 4);
        var outcomes = await Workflow.WhenAllAsync(Enumerable.Range(0, coroutines).Select(CoroutineAsync));
        await Task.WhenAll(running);
        if (Workflow.Random.Next(4) == 0)
        {
            throw new ApplicationFailureException("as the dice fell");
        }

        return $"{string.Join(' ', outcomes)} {Workflow.NewGuid()} {Workflow.UtcNow:O} {string.Join(',', nudges)}";
    }

    private async Task<string> CoroutineAsync(int number)
    {
        var outcome = string.Empty;
        for (var i = 0; i < 1 + Workflow.Random.Next(5); i++)
        {
            try
            {
                outcome += await StepAsync();
            }
            catch (ActivityFailureException e)
            {
                outcome += e.InnerException is CanceledFailureException ? "c" : "f";
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e) && !Workflow.CancellationToken.IsCancellationRequested)
            {
                outcome += "x";
            }
        }

        return outcome;
    }

    private async Task<string> StepAsync()
    {
        steps++;
        switch (Workflow.Random.Next(12))
        {
            case 0:
                await Workflow.DelayAsync(Workflow.Random.Next(10_000));
                return "d";
            case 1:
                return $"{await ActivityAsync(null, default)}";
            case 2:
                var type = (ActivityCancellationType)Workflow.Random.Next(3);
                using (var own = new CancellationTokenSource())
                {
                    var activity = ActivityAsync(own.Token, type);
                    if (Workflow.Random.Next(2) == 0)
                    {
                        await Workflow.DelayAsync(10);
                    }

                    own.Cancel();
                    return $"{await activity}";
                }

            case 3:
                var seen = nudges.Count;
                return await Workflow.WaitConditionAsync(() => nudges.Count > seen, TimeSpan.FromSeconds(30)) ? "n" : "t";
            case 4:
                return Workflow.Patched($"patch-{Workflow.Random.Next(3)}") ? "p" : "o";
            case 5:
                Workflow.UpsertMemo(MemoUpdate.ValueSet("steps", steps));
                return "m";
            case 6:
                await semaphore.WaitAsync();
                await Workflow.DelayAsync(5);
                semaphore.Release();
                return "s";
            case 7:
                var all = await Task.WhenAll(ActivityAsync(null, default), ActivityAsync(null, default));
                return $"{all.Sum()}";
            case 8:
                using (var race = new CancellationTokenSource())
                {
                    var winner = await Workflow.WhenAnyAsync(ActivityAsync(race.Token, default), Workflow.DelayAsync(1000, race.Token));
                    race.Cancel();
                    await winner;
                    return "w";
                }

            case 9:
                running.Add(Workflow.RunTaskAsync(() => Workflow.DelayAsync(20)));
                return "r";
            case 10:
                scope.Cancel();
                await Workflow.DelayAsync(10, scope.Token);
                return "-";
            default:
                await Workflow.DelayAsync(TimeSpan.FromHours(1), CancellationToken.None);
                return "l";
        }
    }

    private static Task<int> ActivityAsync(CancellationToken? token, ActivityCancellationType type) => Workflow.ExecuteActivityAsync<int>(
        $"do-{Workflow.Random.Next(3)}",
        [Workflow.UtcNow],
        new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), CancellationToken = token, CancellationType = type });
}
