using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>
/// Bodies that kubectl's typed commands send as protobuf: an envelope with the type, and of the object its metadata (names,
/// labels, annotations), which is all that <c>kubectl create namespace</c> or <c>serviceaccount</c> say.
/// </summary>
internal static class ProtobufEnvelope
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>The object, or null when it says more than metadata, or isn't an envelope.</summary>
    public static JsonObject? Decode(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
        {
            return null;
        }

        var envelope = Fields(body[Magic.Length..]);
        var type = Fields(Bytes(envelope, 1));
        var raw = Fields(Bytes(envelope, 2));
        var metadata = Fields(Bytes(raw, 1));
        var item = new JsonObject
        {
            ["apiVersion"] = Encoding.UTF8.GetString(Bytes(type, 1)),
            ["kind"] = Encoding.UTF8.GetString(Bytes(type, 2)),
            ["metadata"] = new JsonObject { ["name"] = Encoding.UTF8.GetString(Bytes(metadata, 1)) },
        };
        Texts(metadata, 11, item["metadata"]!.AsObject(), "labels");
        Texts(metadata, 12, item["metadata"]!.AsObject(), "annotations");
        return item.Text("kind") is "Namespace" or "ServiceAccount" ? item : null;
    }

    private static void Texts(List<(int Number, byte[] Value)> fields, int number, JsonObject metadata, string name)
    {
        foreach (var entry in fields.Where(f => f.Number == number).Select(f => Fields(f.Value)))
        {
            metadata.Ensure(name)[Encoding.UTF8.GetString(Bytes(entry, 1))] = Encoding.UTF8.GetString(Bytes(entry, 2));
        }
    }

    private static byte[] Bytes(List<(int Number, byte[] Value)> fields, int number) => fields.Find(f => f.Number == number).Value ?? [];

    private static List<(int Number, byte[] Value)> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new List<(int, byte[])>();
        while (message.Length > 0)
        {
            var tag = Varint(ref message);
            switch (tag & 7)
            {
                case 0:
                    Varint(ref message);
                    break;
                case 2:
                    var length = (int)Math.Min((ulong)message.Length, Varint(ref message));
                    fields.Add(((int)(tag >> 3), message[..Math.Min(length, message.Length)].ToArray()));
                    message = message[Math.Min(length, message.Length)..];
                    break;
                default:
                    return fields;
            }
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (var shift = 0; message.Length > 0 && shift < 64; shift += 7)
        {
            var next = message[0];
            message = message[1..];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                break;
            }
        }

        return value;
    }
}
