using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>Ends a run whose workflow id another one takes over, in the same commit.</summary>
internal sealed class RunReplacement(ExecutionCloser closer)
{
    private const string Reason = "TerminateIfRunning WorkflowIdReusePolicy";

    public void Terminate(ExecutionTransaction current, ExecutionTransaction successor)
    {
        var details = new Payloads { Payloads_ = { JsonPayload($"terminated by new runID: {successor.State.Key.RunId}") } };
        closer.Terminate(current, Reason, details, WorkflowTaskMachine.ServerIdentity, []);
    }

    private static Payload JsonPayload(string text) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        Data = ByteString.CopyFromUtf8(System.Text.Json.JsonSerializer.Serialize(text)),
    };
}
