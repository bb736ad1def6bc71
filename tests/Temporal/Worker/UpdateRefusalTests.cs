using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Worker.Workflows;

namespace Temporalio.Tests.Worker;

public class UpdateRefusalTests
{
    [Fact]
    public void Update_is_rejected_by_name_and_linked_to_its_request()
    {
        var request = new Request { Meta = new() { UpdateId = "id" }, Input = new() { Name = "change" } };
        var message = new Message { Id = "id/request", ProtocolInstanceId = "id", EventId = 7, Body = Any.Pack(request) };
        var answer = UpdateRefusals.To([message, new Message { Body = Any.Pack(new Acceptance()) }]).ShouldHaveSingleItem();
        answer.ProtocolInstanceId.ShouldBe("id");
        var rejection = answer.Body.Unpack<Rejection>();
        rejection.RejectedRequest.ShouldBe(request);
        rejection.RejectedRequestMessageId.ShouldBe("id/request");
        rejection.RejectedRequestSequencingEventId.ShouldBe(7);
        rejection.Failure.Message.ShouldBe("Update handler for change expected but not found, known updates: []");
    }
}
