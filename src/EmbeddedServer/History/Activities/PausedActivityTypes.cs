using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Workflows with paused activities can be found by a search attribute.</summary>
internal static class PausedActivityTypes
{
    private const string Attribute = "TemporalPauseInfo";

    /// <summary>Brings the attribute up to date with the activities.</summary>
    public static void Show(ExecutionTransaction tx)
    {
        string[] types =
        [
            .. tx.State.Activities.Values.Where(activity => activity.IsPaused).Select(activity => $"property:activityType={activity.Type}")
                .Distinct().Order(StringComparer.Ordinal),
        ];
        var attributes = tx.State.SearchAttributes?.Clone() ?? new SearchAttributes();
        attributes.IndexedFields.Remove(Attribute);
        if (types.Length > 0)
        {
            attributes.IndexedFields.Add(Attribute, new Payload
            {
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8("KeywordList") },
                Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(types)),
            });
        }

        tx.State.SearchAttributes = attributes;
        tx.ChangeVisibility();
    }
}
