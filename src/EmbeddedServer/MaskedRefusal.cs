using System.Globalization;
using System.Text;

namespace Onramp.EmbeddedServer;

/// <summary>
/// What Temporal's server makes of an error that it has no words of its own for: callers learn a number, by which the error is found in the
/// log. It is the FarmHash fingerprint of the text, so that the same error is the same number everywhere.
/// </summary>
internal static class MaskedRefusal
{
    public static RefusalException Of(RefusalKind kind, string text)
    {
        var fingerprint = FarmHash.Fingerprint32(Encoding.UTF8.GetBytes($"rpc error: code = {kind} desc = {text}"));
        return new RefusalException(
            kind,
            string.Create(CultureInfo.InvariantCulture, $"something went wrong, please retry ({fingerprint:x8})"),
            innerException: new FormatException(text));
    }
}
