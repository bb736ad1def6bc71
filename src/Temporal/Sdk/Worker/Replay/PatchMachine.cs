using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>A patch that the code took, recorded as a marker.</summary>
internal sealed class PatchMachine(SetPatchMarker command) : CommandMachine
{
    /// <summary>Name of the markers.</summary>
    public const string MarkerName = "core_patch";

    private const string DetailsKey = "patch-data";

    /// <summary>Gets which patch.</summary>
    public string PatchId => command.PatchId;

    /// <summary>Reads a marker.</summary>
    /// <param name="historyEvent">Any event.</param>
    /// <param name="patch">Which patch it records.</param>
    /// <returns>Whether the event is a patch's marker.</returns>
    public static bool TryRead(HistoryEvent historyEvent, out PatchData patch)
    {
        patch = default;
        if (historyEvent.EventType != EventType.MarkerRecorded || historyEvent.MarkerRecordedEventAttributes is not { MarkerName: MarkerName } marker)
        {
            return false;
        }

        if (marker.Details.TryGetValue(DetailsKey, out var data))
        {
            patch = JsonSerializer.Deserialize<PatchData>(data.Payloads_[0].Data.Span);
            return true;
        }

        // The form of early versions of the core.
        if (marker.Details.TryGetValue("patch_id", out var id))
        {
            var deprecated = marker.Details.TryGetValue("deprecated", out var flag) && JsonSerializer.Deserialize<bool>(flag.Payloads_[0].Data.Span);
            patch = new(JsonSerializer.Deserialize<string>(id.Payloads_[0].Data.Span)!, deprecated);
            return true;
        }

        return false;
    }

    public override void OnCommandEvent(CommandType queued, HistoryEvent historyEvent)
    {
        if (!TryRead(historyEvent, out var patch))
        {
            throw Mismatch(queued, historyEvent);
        }

        RequireSame("patch id", PatchId, patch.Id);
    }

    public override Command ToCommand(CommandType queued) => new()
    {
        CommandType = CommandType.RecordMarker,
        RecordMarkerCommandAttributes = new()
        {
            MarkerName = MarkerName,
            Details = { [DetailsKey] = new Payloads { Payloads_ = { JsonPayload(new PatchData(PatchId, command.Deprecated)) } } },
        },
    };

    private static Payload JsonPayload<T>(T value) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(value)),
    };

    /// <summary>What a marker holds.</summary>
    internal readonly record struct PatchData(
        [property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("deprecated")] bool Deprecated);
}
