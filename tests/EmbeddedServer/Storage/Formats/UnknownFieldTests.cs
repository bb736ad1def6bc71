using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;

namespace Onramp.EmbeddedServer.Tests.Storage.Formats;

/// <summary>What a later version stored besides goes through this one unharmed.</summary>
public sealed class UnknownFieldTests
{
    private const int LaterField = 1000;

    [Fact]
    public void A_field_of_a_later_version_survives_a_change()
    {
        var now = new StoredActivity { ActivityId = "a", Attempt = 1, RetryPolicy = ByteString.Empty }.ToByteArray();
        var later = (byte[])[.. now, .. Field("of tomorrow")];
        var activity = ActivityState.FromBytes(later);

        activity.Attempt = 2;

        var written = activity.ToBytes();
        StoredActivity.Parser.ParseFrom(written).Attempt.ShouldBe(2);
        Find(written).ShouldBe("of tomorrow");
    }

    private static byte[] Field(string text)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(LaterField, WireFormat.WireType.LengthDelimited);
            output.WriteString(text);
        }

        return stream.ToArray();
    }

    private static string? Find(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == LaterField)
            {
                return input.ReadString();
            }

            input.SkipLastField();
        }

        return null;
    }
}
