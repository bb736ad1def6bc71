using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;

namespace Temporalio.Worker.Workflows;

/// <summary>
/// Answers to updates. No workflow has a handler for one, so each is rejected, which tells its caller at once and leaves no trace in history.
/// </summary>
internal static class UpdateRefusals
{
    private const string TypePrefix = "type.googleapis.com";

    /// <summary>Makes the answers to what a task brings.</summary>
    public static IEnumerable<Message> To(IEnumerable<Message> messages) =>
        messages.Where(message => message.Body?.Is(Request.Descriptor) == true).Select(message =>
        {
            var request = message.Body.Unpack<Request>();
            return new Message
            {
                Id = $"{message.ProtocolInstanceId}/reject",
                ProtocolInstanceId = message.ProtocolInstanceId,
                Body = Any.Pack(
                    new Rejection
                    {
                        RejectedRequestMessageId = message.Id,
                        RejectedRequestSequencingEventId = message.EventId,
                        RejectedRequest = request,
                        Failure = new Failure
                        {
                            Message = $"Update handler for {request.Input?.Name} expected but not found, known updates: []",
                            ApplicationFailureInfo = new() { Type = "InvalidOperationException" },
                        },
                    },
                    TypePrefix),
            };
        });
}
