using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>A workflow whose tasks keep failing can be found by a search attribute, until one succeeds.</summary>
internal static class ReportedProblems
{
    private const string Attribute = "TemporalReportedProblems";
    private const int FailuresInARow = 5;

    public static void Report(ExecutionTransaction tx, string category, string cause)
    {
        if (tx.State.Task.FailuresInARow < FailuresInARow)
        {
            return;
        }

        var data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes<string[]>([$"category={category}", $"cause={cause}"]));
        if (tx.State.SearchAttributes is { } known && known.IndexedFields.TryGetValue(Attribute, out var reported) && reported.Data.Equals(data))
        {
            return;
        }

        Replace(tx, new Payload
        {
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8("KeywordList") },
            Data = data,
        });
    }

    public static void Clear(ExecutionTransaction tx)
    {
        if (tx.State.SearchAttributes?.IndexedFields.ContainsKey(Attribute) == true)
        {
            Replace(tx, null);
        }
    }

    private static void Replace(ExecutionTransaction tx, Payload? payload)
    {
        var attributes = tx.State.SearchAttributes?.Clone() ?? new SearchAttributes();
        attributes.IndexedFields.Remove(Attribute);
        if (payload is not null)
        {
            attributes.IndexedFields.Add(Attribute, payload);
        }

        tx.State.SearchAttributes = attributes;
        tx.ChangeVisibility();
    }
}
