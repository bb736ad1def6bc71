using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.History;

/// <summary>What memos leave: a value that is nothing takes its key away, also when a run begins with it.</summary>
internal static class MemoRules
{
    private static readonly ByteString NullEncoding = ByteString.CopyFromUtf8("binary/null");

    /// <summary>What a run begins with; null when that is nothing.</summary>
    public static Memo? ForStart(Memo? memo)
    {
        var kept = new Memo();
        Merge(kept.Fields, memo?.Fields ?? []);
        return kept.Fields.Count == 0 ? null : kept;
    }

    public static void Merge(IDictionary<string, Payload> fields, IEnumerable<KeyValuePair<string, Payload>> changes)
    {
        foreach (var (name, payload) in changes)
        {
            if (IsNothing(payload))
            {
                fields.Remove(name);
            }
            else
            {
                fields[name] = payload;
            }
        }
    }

    private static bool IsNothing(Payload payload) =>
        payload.Data.IsEmpty || payload.Data.Span.SequenceEqual("null"u8) || payload.Data.Span.SequenceEqual("[]"u8)
        || (payload.Metadata.TryGetValue("encoding", out var encoding) && encoding.Equals(NullEncoding));
}
