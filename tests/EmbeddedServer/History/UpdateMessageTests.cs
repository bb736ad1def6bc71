using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.UpdateWorker;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>What a worker may not say about updates, and what is taken from it all the same.</summary>
public sealed class UpdateMessageTests
{
    private const string Cause = "BadUpdateWorkflowExecutionMessage: ";
    private static readonly Acceptance Acceptance = new() { AcceptedRequestMessageId = "u/request", AcceptedRequestSequencingEventId = 5 };
    private static readonly Response Response = new() { Meta = new Meta { UpdateId = "u" }, Outcome = new Outcome { Success = World.Text("did u") } };
    private static readonly Rejection Rejection = new() { RejectedRequestMessageId = "u/request" };

    public static TheoryData<string, IMessage[], string> Faults() => new()
    {
        { "u", [Response], "invalid state transition attempted for Update u: received *update.Response message while in state Sent" },
        { "u", [Acceptance, Acceptance], "invalid state transition attempted for Update u: received *update.Acceptance message while in state ProvisionallyAccepted" },
        { "u", [Acceptance, Rejection], "invalid state transition attempted for Update u: received *update.Rejection message while in state ProvisionallyAccepted" },
        { "u", [Rejection, Acceptance], "invalid state transition attempted for Update u: received *update.Acceptance message while in state ProvisionallyCompleted" },
        { "u", [Acceptance, Response, Response], "invalid state transition attempted for Update u: received *update.Response message while in state ProvisionallyCompleted" },
        { "u", [new Acceptance { AcceptedRequestMessageId = "u/request" }], "invalid *update.Acceptance: accepted_request_sequencing_event_id is not set" },
        { "u", [new Acceptance { AcceptedRequestSequencingEventId = 5 }], "invalid *update.Acceptance: accepted_request_message_id is not set" },
        { "u", [Acceptance, new Response { Outcome = Response.Outcome }], "invalid *update.Response: meta is not set" },
        { "u", [Acceptance, new Response { Meta = new Meta { UpdateId = "v" }, Outcome = Response.Outcome }], "invalid *update.Response: meta.update_id != u" },
        { "u", [Acceptance, new Response { Meta = Response.Meta }], "invalid *update.Response: outcome is not set" },
        { "u", [new Empty()], "unsupported protocol type google.protobuf" },
        { "u", [new Request()], "Message type *update.Request not supported" },
        { "v", [Acceptance], "update v wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries" },
        { "v", [Rejection], "update v wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_message_that_does_not_fit_fails_the_task(string updateId, IMessage[] bodies, string expected)
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, r => Say(r, updateId, bodies)));

        refusal.Message.ShouldBe(Cause + expected);
        (await world.EventsAsync()).ShouldContain(e => e.EventType == EventType.WorkflowTaskFailed);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_fails_the_task()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        var broken = new Any { TypeUrl = Any.Pack(Acceptance).TypeUrl, Value = ByteString.CopyFrom(0xff) };

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, r => r.Messages.Add(new Message { ProtocolInstanceId = "u", Body = broken })));

        refusal.Message.ShouldBe(Cause + "unable to unmarshal request: proto:\u00a0cannot parse invalid wire-format data");
    }

    [Fact]
    public async Task A_message_without_a_body_is_refused_and_the_update_goes_out_again()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        var refusal = await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, r => r.Messages.Add(new Message { ProtocolInstanceId = "u" })));

        refusal.Message.ShouldBe("nil message body");
        (await world.PollAsync()).Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_message_that_is_too_large_ends_the_run()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        var large = new Acceptance(Acceptance) { AcceptedRequestMessageId = new string('x', 3 * 1024 * 1024) };

        await Should.ThrowAsync<RefusalException>(() => world.CompleteAsync(task, r => Say(r, "u", [large])));

        var end = (await world.EventsAsync())[^1].WorkflowExecutionTerminatedEventAttributes;
        end.Reason.ShouldBe(Cause + "Message type temporal.api.update.v1.Acceptance exceeds size limit.");
    }

    [Fact]
    public async Task An_accepted_event_names_the_message_that_the_server_sent_and_has_the_request_that_it_sent()
    {
        await using var world = await IdleAsync();
        _ = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();
        var other = new Acceptance(Acceptance) { AcceptedRequestMessageId = "other", AcceptedRequest = new Request { Input = new Input { Name = "other" } } };

        await world.CompleteAsync(task, r => Say(r, "u", [other]));

        var accepted = (await world.EventsAsync())[^1].WorkflowExecutionUpdateAcceptedEventAttributes;
        accepted.AcceptedRequestMessageId.ShouldBe("u/request");
        accepted.AcceptedRequest.Input.Name.ShouldBe("add");
    }

    [Fact]
    public async Task What_is_said_after_the_end_of_the_run_is_not_written()
    {
        await using var world = await IdleAsync();
        var updating = await world.SendUpdateAsync("u");
        var task = await world.PollAsync();

        await world.CompleteAsync(task, r => Say(r, "u", [Acceptance, Response]), Commands.Complete());

        (await Should.ThrowAsync<RefusalException>(() => updating)).Message.ShouldBe("workflow update was aborted by closing workflow");
        (await world.EventsAsync())[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted);
    }

    private static void Say(RespondWorkflowTaskCompletedRequest request, string updateId, IMessage[] bodies) =>
        request.Messages.Add(bodies.Select((body, index) => new Message { Id = $"m{index}", ProtocolInstanceId = updateId, Body = Any.Pack(body) }));
}
