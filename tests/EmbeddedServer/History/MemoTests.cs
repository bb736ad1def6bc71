using Google.Protobuf;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What is nothing leaves no trace in the memo that a run begins with, wherever that comes from.</summary>
public sealed class MemoTests
{
    [Fact]
    public async Task A_start_keeps_of_its_memo_what_is_something()
    {
        await using var world = World.Create();

        await world.StartAsync(change: r => r.Memo = Mixed());

        (await world.EventsAsync())[0].WorkflowExecutionStartedEventAttributes.Memo.Fields.Keys.ShouldBe(["note"]);
        (await world.DescribeAsync()).WorkflowExecutionInfo.Memo.Fields.Keys.ShouldBe(["note"]);
    }

    [Fact]
    public async Task A_memo_of_nothing_is_none()
    {
        await using var world = World.Create();

        await world.StartAsync(change: r => r.Memo = new Memo { Fields = { ["null"] = Encoded("binary/null", "") } });

        (await world.EventsAsync())[0].WorkflowExecutionStartedEventAttributes.Memo.ShouldBeNull();
    }

    [Fact]
    public async Task A_run_without_a_memo_is_described_with_an_empty_one()
    {
        await using var world = World.Create();

        await world.StartAsync();

        (await world.DescribeAsync()).WorkflowExecutionInfo.Memo.ShouldBe(new Memo());
    }

    [Fact]
    public async Task Both_sides_of_a_continuation_keep_what_is_something()
    {
        await using var world = World.Create();
        await world.StartAsync();
        var first = (await world.DescribeAsync()).WorkflowExecutionInfo.Execution.RunId;
        var again = ContinueAsNew();
        again.ContinueAsNewWorkflowExecutionCommandAttributes.Memo = Mixed();

        await world.CompleteAsync(await world.PollAsync(), again);

        (await world.EventsAsync(runId: first))[^1].WorkflowExecutionContinuedAsNewEventAttributes.Memo.Fields.Keys.ShouldBe(["note"]);
        (await world.EventsAsync())[0].WorkflowExecutionStartedEventAttributes.Memo.Fields.Keys.ShouldBe(["note"]);
    }

    [Fact]
    public async Task Parent_and_child_keep_what_is_something()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), Child("part", c => c.Memo = Mixed()));
        await world.SettleAsync();

        (await world.EventsAsync()).Single(e => e.EventType == EventType.StartChildWorkflowExecutionInitiated)
            .StartChildWorkflowExecutionInitiatedEventAttributes.Memo.Fields.Keys.ShouldBe(["note"]);
        (await world.EventsAsync("part"))[0].WorkflowExecutionStartedEventAttributes.Memo.Fields.Keys.ShouldBe(["note"]);
    }

    [Fact]
    public async Task A_child_whose_memo_is_empty_has_none()
    {
        await using var world = World.Create();
        await world.StartAsync();

        await world.CompleteAsync(await world.PollAsync(), Child("part", c => c.Memo = new Memo()));

        (await world.EventsAsync())[4].StartChildWorkflowExecutionInitiatedEventAttributes.Memo.ShouldBeNull();
    }

    private static Memo Mixed() => new()
    {
        Fields =
        {
            ["note"] = World.Text("n").Payloads_[0],
            ["null"] = Encoded("binary/null", ""),
            ["json-null"] = Encoded("json/plain", "null"),
            ["empty-list"] = Encoded("json/plain", "[]"),
        },
    };

    private static Payload Encoded(string encoding, string data) =>
        new() { Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) }, Data = ByteString.CopyFromUtf8(data) };
}
