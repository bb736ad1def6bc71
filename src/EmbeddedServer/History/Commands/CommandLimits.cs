using System.Text;
using Google.Protobuf;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>Sizes of what commands carry. One that is over them would be so again, so it ends the run.</summary>
internal sealed class CommandLimits(HistoryEngineOptions options)
{
    public int MaximumIdBytes => options.MaximumIdBytes;

    public bool IsTooLong(string id) => Encoding.UTF8.GetByteCount(id) > options.MaximumIdBytes;

    public void RequireBlob(IMessage? blob, WorkflowTaskFailedCause cause, string what) =>
        RequireSize(blob?.CalculateSize() ?? 0, options.MaximumBlobBytes, cause, what);

    public void RequireSize(long bytes, long maximum, WorkflowTaskFailedCause cause, string what)
    {
        if (bytes > maximum)
        {
            throw new CommandFailedException(cause, $"{what} exceeds size limit.", terminates: true);
        }
    }
}
