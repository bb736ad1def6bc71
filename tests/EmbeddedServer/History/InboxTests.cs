using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What runs leave in each other's inboxes is dealt with once, in order, and whatever goes wrong.</summary>
public sealed class InboxTests
{
    [Fact]
    public async Task What_could_not_be_dealt_with_is_tried_again_later_and_later()
    {
        await using var world = await WithTargetAsync();
        var tries = new List<DateTimeOffset>();
        world.Store.HoldsMail = row =>
        {
            tries.Add(world.Clock.GetUtcNow());
            return tries.Count < 4;
        };

        await SendAsync(world, "sender", SignalOther("target", "hello"));
        await world.PassAsync(TimeSpan.FromSeconds(1));

        tries.Take(4).Zip(tries.Skip(1)).Take(3).Select(pair => pair.Second - pair.First).ShouldBe(
            [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400)]);
        (await SignalsAsync(world)).ShouldBe(["hello"]);
    }

    [Fact]
    public async Task A_message_that_can_not_be_dealt_with_holds_up_only_its_own_sender()
    {
        await using var world = await WithTargetAsync();
        world.Store.HoldsMail = _ => true;
        await SendAsync(world, "stuck", SignalOther("target", "stuck-1"), SignalOther("target", "stuck-2"));
        await SendAsync(world, "fine", SignalOther("target", "fine-1"), SignalOther("target", "fine-2"));
        var first = world.Store.ReadInbox(new WorkflowKey(World.Namespace.Id, "target"), 1, 1)[0].Number;

        world.Store.HoldsMail = row => row.To.WorkflowId == "target" && row.Number == first;
        await world.PassAsync(TimeSpan.FromSeconds(1));

        (await SignalsAsync(world)).ShouldBe(["fine-1", "fine-2"]);
        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromMinutes(1));
        (await SignalsAsync(world)).ShouldBe(["fine-1", "fine-2", "stuck-1", "stuck-2"]);
    }

    [Fact]
    public async Task However_few_inboxes_are_remembered_everything_arrives()
    {
        await using var world = World.Create(new EmbeddedServer.History.HistoryEngineOptions { MaximumInboxesInMemory = 3, MaximumConcurrentDeliveries = 2 });
        var targets = Enumerable.Range(0, 50).Select(n => $"target-{n}").ToArray();
        foreach (var target in targets)
        {
            await world.StartAsync(target, r => r.TaskQueue.Name = target);
        }

        await SendAsync(world, "sender", [.. targets.Select(target => SignalOther(target, "hello"))]);
        await world.SettleAsync();

        foreach (var target in targets)
        {
            (await world.EventsAsync(target)).Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
        }

        (await world.EventsAsync("sender")).Count(e => e.EventType == EventType.ExternalWorkflowExecutionSignaled).ShouldBe(targets.Length);
    }

    [Fact]
    public async Task Inboxes_for_which_there_was_no_room_are_found_while_others_are_stuck()
    {
        await using var world = World.Create(new EmbeddedServer.History.HistoryEngineOptions { MaximumInboxesInMemory = 3 });
        world.Store.HoldsMail = row => row.To.WorkflowId.StartsWith("stuck", StringComparison.Ordinal);
        string[] targets = ["stuck-0", "stuck-1", "a", "b", "c", "d", "e"];
        foreach (var target in targets)
        {
            await world.StartAsync(target, r => r.TaskQueue.Name = target);
        }

        await SendAsync(world, "sender", [.. targets.Select(target => SignalOther(target, "hello"))]);
        await world.SettleAsync();

        foreach (var target in targets.Skip(2))
        {
            (await world.EventsAsync(target)).Count(e => e.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(1);
        }

        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromMinutes(1));
        world.Store.ReadInboxes(null, 10).ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_restart_inboxes_are_dealt_with_however_few_are_remembered()
    {
        await using var world = World.Create(new EmbeddedServer.History.HistoryEngineOptions { MaximumInboxesInMemory = 2 });
        string[] targets = ["a", "b", "c", "d", "e"];
        foreach (var target in targets)
        {
            await world.StartAsync(target, r => r.TaskQueue.Name = target);
        }

        world.Store.HoldsMail = _ => true;
        await SendAsync(world, "sender", [.. targets.Select(target => SignalOther(target, "hello"))]);
        await world.SettleAsync();
        world.Store.HoldsMail = _ => false;

        await world.RestartAsync();
        await world.SettleAsync();

        world.Store.ReadInboxes(null, 10).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_one_sends_another_arrives_in_order()
    {
        await using var world = await WithTargetAsync();
        var names = Enumerable.Range(0, 250).Select(n => $"signal-{n}").ToArray();

        await SendAsync(world, "sender", [.. names.Select(name => SignalOther("target", name))]);
        await world.SettleAsync();

        (await SignalsAsync(world)).ShouldBe(names);
    }

    [Fact]
    public async Task Many_that_send_each_other_lose_and_double_nothing()
    {
        await using var world = World.Create();
        var ids = Enumerable.Range(0, 20).Select(n => $"workflow-{n}").ToArray();
        foreach (var id in ids)
        {
            await world.StartAsync(id, r => r.TaskQueue.Name = id);
        }

        await Task.WhenAll(ids.Select(async id =>
        {
            var task = await world.PollAsync(id);
            await world.CompleteAsync(task, [.. ids.Where(other => other != id).Select(other => SignalOther(other, $"from-{id}"))]);
        }));
        await world.SettleAsync();

        foreach (var id in ids)
        {
            var events = await world.EventsAsync(id);
            events.Where(e => e.EventType == EventType.WorkflowExecutionSignaled).Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName)
                .ShouldBe(ids.Where(other => other != id).Select(other => $"from-{other}"), ignoreOrder: true);
            events.Count(e => e.EventType == EventType.ExternalWorkflowExecutionSignaled).ShouldBe(ids.Length - 1);
        }
    }

    [Fact]
    public async Task A_target_that_takes_no_more_signals_says_so()
    {
        await using var world = await WithTargetAsync(new() { MaximumSignals = 2 });

        await SendAsync(world, "sender", SignalOther("target", "1"), SignalOther("target", "2"), SignalOther("target", "3"));
        await world.SettleAsync();

        (await world.EventsAsync("sender")).Single(e => e.EventType == EventType.SignalExternalWorkflowExecutionFailed)
            .SignalExternalWorkflowExecutionFailedEventAttributes.Cause.ShouldBe(SignalExternalWorkflowExecutionFailedCause.SignalCountLimitExceeded);
    }

    [Fact]
    public async Task An_answer_to_a_run_that_has_closed_is_dropped()
    {
        await using var world = await WithTargetAsync();
        world.Store.HoldsMail = row => row.To.WorkflowId == "sender";
        await SendAsync(world, "sender", SignalOther("target", "hello"));
        await world.SettleAsync();
        await world.TerminateAsync("sender");

        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromSeconds(1));

        (await world.EventsAsync("sender"))[^1].EventType.ShouldBe(EventType.WorkflowExecutionTerminated);
        world.Store.ReadInboxes(null, 10).ShouldBeEmpty();
    }

    private static async Task<World> WithTargetAsync(EmbeddedServer.History.HistoryEngineOptions? options = null)
    {
        var world = World.Create(options);
        await world.StartAsync("target");
        await world.CompleteAsync(await world.PollAsync(), Timer("t", 100_000));
        return world;
    }

    private static async Task SendAsync(World world, string sender, params Temporalio.Api.Command.V1.Command[] commands)
    {
        await world.StartAsync(sender, r => r.TaskQueue.Name = sender);
        await world.CompleteAsync(await world.PollAsync(sender), commands);
    }

    private static async Task<IEnumerable<string>> SignalsAsync(World world) =>
        (await world.EventsAsync("target")).Where(e => e.EventType == EventType.WorkflowExecutionSignaled)
            .Select(e => e.WorkflowExecutionSignaledEventAttributes.SignalName).ToArray();
}
