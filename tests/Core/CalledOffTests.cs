using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker;
using Payloads = Temporalio.Api.Common.V1.Payloads;

namespace Onramp.Core.Tests;

/// <summary>
/// The SDK's core can't go on with a run that calls off a signal to another in the very task that says that it failed: the run is stuck for good. What a change and its
/// service tell each other isn't called off, so it doesn't matter what comes together. When an old revision stops failing here, the SDK is mended.
/// </summary>
public sealed class CalledOffTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(ChangeInput.CurrentRevision, true)]
    public async Task A_change_that_is_superseded_in_the_task_that_says_that_its_service_is_gone_goes_on(int revision, bool goesOn)
    {
        await using var world = await World.StartAsync();
        var input = new ChangeInput
        {
            Revision = revision,
            ChangeId = "told",
            Number = 1,
            Service = "orders",
            Order = new ChangeOrder { Kind = ChangeKind.Onboard, Environment = "development", Team = "payments", Description = "Takes orders" },
            AskedBy = new Principal("ada"),
            Snapshot = new ServiceSnapshot { Spec = new ServiceSpec { Name = "orders" } },
        };
        var change = await world.Client.StartWorkflowAsync(ChangeContract.WorkflowType, [input], new WorkflowOptions(Ids.Change("orders", "told"), ServiceContract.TaskQueue));
        var superseded = new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionSignaled,
            WorkflowExecutionSignaledEventAttributes = new WorkflowExecutionSignaledEventAttributes
            {
                SignalName = ChangeContract.SupersedeSignal,
                Input = new Payloads { Payloads_ = { await Wire.Converter.ToPayloadAsync(new Principal("grace")) } },
            },
        };

        var failure = await ReplayedAsync(await ToldInVainAsync(change), superseded);

        (failure is null, IsStuck(failure)).ShouldBe((goesOn, !goesOn), failure?.Message);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(ServiceInput.CurrentRevision, true)]
    public async Task A_service_that_is_cancelled_in_the_task_that_says_that_a_change_is_gone_ends_as_it_should(int revision, bool ends)
    {
        await using var world = await World.StartAsync();
        var input = new ServiceInput { Name = "orders", Revision = revision, Carried = new CarriedState() };
        var options = new WorkflowOptions(Ids.Service("orders"), ServiceContract.TaskQueue);
        options.SignalWithStart(ServiceContract.AskSignal, [new ScopesAsked
        {
            Change = new ChangeHead { ChangeId = "nobody", Number = 1, Order = new ChangeOrder { Kind = ChangeKind.Onboard, Environment = "development", Team = "payments" } },
            Scopes = ["environment:development"],
            Round = 1,
        }]);
        var service = await world.Client.StartWorkflowAsync(ServiceContract.WorkflowType, [input], options);
        var cancelled = new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionCancelRequested,
            WorkflowExecutionCancelRequestedEventAttributes = new WorkflowExecutionCancelRequestedEventAttributes { Cause = "by an operator" },
        };

        var failure = await ReplayedAsync(await ToldInVainAsync(service), cancelled);

        (failure is null, IsStuck(failure)).ShouldBe((ends, !ends), failure?.Message);
    }

    /// <summary>The history up to the task that says that a word was told in vain.</summary>
    private static async Task<List<HistoryEvent>> ToldInVainAsync(WorkflowHandle handle)
    {
        var whole = await Eventually.AsAsync(
            async () => (await handle.FetchHistoryAsync()).Events.ToList(), e => TaskAfter(e, FailedIn(e)) > 0, e => $"{e.Count} events, and no word was told in vain");
        return [.. whole.Take(TaskAfter(whole, FailedIn(whole)) + 1)];
    }

    private static int FailedIn(List<HistoryEvent> events) => events.FindIndex(e => e.EventType == EventType.SignalExternalWorkflowExecutionFailed);

    private static int TaskAfter(List<HistoryEvent> events, int failed) => failed < 0 ? -1 : events.FindIndex(failed, e => e.EventType == EventType.WorkflowTaskStarted);

    private static bool IsStuck(Exception? failure) => failure?.Message.Contains("Invalid transition in state machine", StringComparison.Ordinal) == true;

    /// <summary>Replays it as it would be had this come just before the failure.</summary>
    private static async Task<Exception?> ReplayedAsync(List<HistoryEvent> events, HistoryEvent together)
    {
        var failed = FailedIn(events);
        together.EventTime = events[failed].EventTime;
        events.Insert(failed, together);
        for (var i = failed; i < events.Count; i++)
            events[i].EventId = i + 1;
        foreach (var started in events.Skip(failed).Where(e => e.EventType == EventType.WorkflowTaskStarted))
            started.WorkflowTaskStartedEventAttributes.ScheduledEventId++;
        events.Add(new HistoryEvent
        {
            EventId = events.Count + 1,
            EventTime = events[^1].EventTime,
            EventType = EventType.WorkflowTaskCompleted,
            WorkflowTaskCompletedEventAttributes = new WorkflowTaskCompletedEventAttributes { ScheduledEventId = events.Count - 1, StartedEventId = events.Count },
        });
        var options = new WorkflowReplayerOptions { DataConverter = Wire.Converter };
        options.AddWorkflow<ServiceWorkflow>().AddWorkflow<ChangeWorkflow>();
        var replay = new WorkflowReplayer(options).ReplayWorkflowAsync(new WorkflowHistory("together", events), throwOnReplayFailure: false);
        return (await replay.WaitAsync(World.Patience)).ReplayFailure;
    }
}
