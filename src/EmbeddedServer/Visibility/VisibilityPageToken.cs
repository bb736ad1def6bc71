using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Onramp.EmbeddedServer.Visibility;

/// <summary>Where a list goes on: after the row with this place in the order.</summary>
internal sealed record VisibilityPageToken(long CloseOrder, long StartTime, long Number)
{
    private const char Separator = '|';

    /// <exception cref="RefusalException">INVALID_ARGUMENT: it is none of ours.</exception>
    public static VisibilityPageToken? Parse(ByteString token)
    {
        if (token.IsEmpty)
        {
            return null;
        }

        var parts = token.ToStringUtf8().Split(Separator);
        return parts.Length == 3
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var closeOrder)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var startTime)
            && long.TryParse(parts[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? new VisibilityPageToken(closeOrder, startTime, number)
                : throw new RefusalException(RefusalKind.InvalidArgument, "Invalid NextPageToken.");
    }

    public ByteString ToByteString() => ByteString.CopyFrom(
        string.Create(CultureInfo.InvariantCulture, $"{CloseOrder}{Separator}{StartTime}{Separator}{Number}"), Encoding.UTF8);
}
