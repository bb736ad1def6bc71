using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>How large what callers send may be, by the limits that the server's commands have too.</summary>
internal sealed class PayloadRules(HistoryEngineOptions limits)
{
    public void CheckSize(IMessage? blob)
    {
        if (blob is not null && blob.CalculateSize() > limits.MaximumBlobBytes)
        {
            throw Refusals.InvalidArgument("Blob data size exceeds limit.");
        }
    }

    public void CheckSize(Memo? memo)
    {
        if (memo is not null && memo.CalculateSize() > limits.MaximumMemoBytes)
        {
            throw Refusals.InvalidArgument("Memo size exceeds limit.");
        }
    }

    /// <summary>A start's memo without the fields that say nothing: they leave no trace.</summary>
    public static Memo? WithoutEmptyFields(Memo? memo)
    {
        if (memo is null)
        {
            return null;
        }

        List<string>? empty = null;
        foreach (var (name, payload) in memo.Fields)
        {
            if (IsEmpty(payload))
            {
                (empty ??= []).Add(name);
            }
        }

        if (empty is null)
        {
            return memo;
        }

        var kept = memo.Clone();
        empty.ForEach(name => kept.Fields.Remove(name));
        return kept.Fields.Count == 0 ? null : kept;
    }

    /// <summary>Null in whatever encoding, or nothing at all.</summary>
    public static bool IsEmpty(Payload payload) =>
        (payload.Metadata.TryGetValue("encoding", out var encoding) && encoding.Span.SequenceEqual("binary/null"u8))
        || (payload.Data.Length == 0 && payload.Metadata.Count == 0)
        || payload.Data.Span.SequenceEqual("null"u8)
        || payload.Data.Span.SequenceEqual("[]"u8);
}
