using System.Globalization;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>Whatever clients, workers, operators, time and faults do, in any order: the engine refuses or does it, and histories stay sound.</summary>
public sealed class RandomWalkTests
{
    private const int Steps = 300;

    /// <summary><c>ONRAMP_SEED</c> walks one way again, <c>ONRAMP_WALKS</c> so many.</summary>
    public static TheoryData<int> Seeds => Number("ONRAMP_SEED") is { } seed ? [seed] : [.. Enumerable.Range(1, Number("ONRAMP_WALKS") ?? 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_walk_meets_no_fault_of_the_servers_own_and_leaves_sound_histories(int seed)
    {
        await using var world = World.Create();
        var walk = new RandomWalk(world, seed);
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                await walk.StepAsync();
            }

            await walk.CalmAsync();
            world.Broken.ShouldBeEmpty();
            world.Store.ReadInboxes(null, 10).ShouldBeEmpty();
            foreach (var (workflowId, runId) in walk.Runs)
            {
                CheckHistory(await world.EventsAsync(workflowId, runId));
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}\n{string.Join('\n', walk.Log.TakeLast(40))}", e);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_a_server_that_is_started_anew_knows_of_a_run_is_what_the_one_before_knew(int seed)
    {
        await using var world = World.Create();
        var walk = new RandomWalk(world, seed);
        for (var step = 0; step < Steps; step++)
        {
            await walk.StepAsync();
        }

        await walk.CalmAsync();
        var before = await DescribeAllAsync(world, walk);

        await world.RestartAsync();
        await world.SettleAsync();

        (await DescribeAllAsync(world, walk)).ShouldBe(before);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } number ? int.Parse(number, CultureInfo.InvariantCulture) : null;

    private static async Task<List<string>> DescribeAllAsync(World world, RandomWalk walk)
    {
        var all = new List<string>();
        foreach (var (workflowId, runId) in walk.Runs)
        {
            var described = await world.Engine.Reads.DescribeAsync(World.Namespace, new DescribeWorkflowExecutionRequest
            {
                Execution = new() { WorkflowId = workflowId, RunId = runId },
            });
            all.Add(described.ToString());
        }

        return all;
    }

    /// <summary>Ids without gaps, one end and nothing after it, and whatever tells of something tells of what began before, once.</summary>
    private static void CheckHistory(IReadOnlyList<HistoryEvent> events)
    {
        events.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, events.Count).Select(id => (long)id));
        events[0].EventType.ShouldBe(EventType.WorkflowExecutionStarted);
        events.SkipLast(1).ShouldNotContain(e => IsEnd(e.EventType));
        var over = new HashSet<(string, long)>();
        foreach (var e in events)
        {
            if (BeginningOf(e) is { } beginning)
            {
                events[(int)beginning.EventId - 1].EventType.ShouldBe(beginning.Type, e.ToString());
                beginning.EventId.ShouldBeLessThan(e.EventId);
                if (beginning.Ends)
                {
                    over.Add((beginning.Type.ToString(), beginning.EventId)).ShouldBeTrue($"{e} ends what has ended before");
                }
            }
        }
    }

    private static bool IsEnd(EventType type) => type is EventType.WorkflowExecutionCompleted or EventType.WorkflowExecutionFailed
        or EventType.WorkflowExecutionCanceled or EventType.WorkflowExecutionTimedOut or EventType.WorkflowExecutionTerminated
        or EventType.WorkflowExecutionContinuedAsNew;

    private static (EventType Type, long EventId, bool Ends)? BeginningOf(HistoryEvent e) => e.EventType switch
    {
        EventType.WorkflowTaskStarted => (EventType.WorkflowTaskScheduled, e.WorkflowTaskStartedEventAttributes.ScheduledEventId, false),
        EventType.WorkflowTaskCompleted => (EventType.WorkflowTaskScheduled, e.WorkflowTaskCompletedEventAttributes.ScheduledEventId, true),
        EventType.WorkflowTaskFailed => (EventType.WorkflowTaskScheduled, e.WorkflowTaskFailedEventAttributes.ScheduledEventId, true),
        EventType.WorkflowTaskTimedOut => (EventType.WorkflowTaskScheduled, e.WorkflowTaskTimedOutEventAttributes.ScheduledEventId, true),
        EventType.ActivityTaskStarted => (EventType.ActivityTaskScheduled, e.ActivityTaskStartedEventAttributes.ScheduledEventId, false),
        EventType.ActivityTaskCompleted => (EventType.ActivityTaskScheduled, e.ActivityTaskCompletedEventAttributes.ScheduledEventId, true),
        EventType.ActivityTaskFailed => (EventType.ActivityTaskScheduled, e.ActivityTaskFailedEventAttributes.ScheduledEventId, true),
        EventType.ActivityTaskTimedOut => (EventType.ActivityTaskScheduled, e.ActivityTaskTimedOutEventAttributes.ScheduledEventId, true),
        EventType.ActivityTaskCanceled => (EventType.ActivityTaskScheduled, e.ActivityTaskCanceledEventAttributes.ScheduledEventId, true),
        EventType.TimerFired => (EventType.TimerStarted, e.TimerFiredEventAttributes.StartedEventId, true),
        EventType.TimerCanceled => (EventType.TimerStarted, e.TimerCanceledEventAttributes.StartedEventId, true),
        EventType.ChildWorkflowExecutionStarted =>
            (EventType.StartChildWorkflowExecutionInitiated, e.ChildWorkflowExecutionStartedEventAttributes.InitiatedEventId, false),
        EventType.StartChildWorkflowExecutionFailed =>
            (EventType.StartChildWorkflowExecutionInitiated, e.StartChildWorkflowExecutionFailedEventAttributes.InitiatedEventId, true),
        EventType.ChildWorkflowExecutionCompleted =>
            (EventType.ChildWorkflowExecutionStarted, e.ChildWorkflowExecutionCompletedEventAttributes.StartedEventId, true),
        EventType.ChildWorkflowExecutionFailed =>
            (EventType.ChildWorkflowExecutionStarted, e.ChildWorkflowExecutionFailedEventAttributes.StartedEventId, true),
        EventType.ChildWorkflowExecutionTerminated =>
            (EventType.ChildWorkflowExecutionStarted, e.ChildWorkflowExecutionTerminatedEventAttributes.StartedEventId, true),
        EventType.ChildWorkflowExecutionCanceled =>
            (EventType.ChildWorkflowExecutionStarted, e.ChildWorkflowExecutionCanceledEventAttributes.StartedEventId, true),
        EventType.WorkflowExecutionUpdateCompleted =>
            (EventType.WorkflowExecutionUpdateAccepted, e.WorkflowExecutionUpdateCompletedEventAttributes.AcceptedEventId, true),
        EventType.ExternalWorkflowExecutionSignaled =>
            (EventType.SignalExternalWorkflowExecutionInitiated, e.ExternalWorkflowExecutionSignaledEventAttributes.InitiatedEventId, true),
        EventType.ExternalWorkflowExecutionCancelRequested =>
            (EventType.RequestCancelExternalWorkflowExecutionInitiated, e.ExternalWorkflowExecutionCancelRequestedEventAttributes.InitiatedEventId, true),
        _ => null,
    };
}
