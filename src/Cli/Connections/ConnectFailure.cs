using System.Text.RegularExpressions;
using Temporalio.Exceptions;

namespace Onramp.Cli.Connections;

/// <summary>
/// Why a connection did not come about. The SDK's core tells it in the text of an <see cref="InvalidOperationException"/>
/// (<c>Status { code: PermissionDenied, message: "…"</c>, or the transport's own words), without an inner exception.
/// </summary>
/// <param name="IsRefusal">Whether somebody answered, and waiting can't change the answer; otherwise nobody could answer for now.</param>
/// <param name="Reason">For people, in a few words.</param>
internal sealed partial record ConnectFailure(bool IsRefusal, string Reason)
{
    private static readonly RpcException.StatusCode[] Refusals =
    [
        RpcException.StatusCode.InvalidArgument, RpcException.StatusCode.NotFound, RpcException.StatusCode.PermissionDenied,
        RpcException.StatusCode.FailedPrecondition, RpcException.StatusCode.Unimplemented, RpcException.StatusCode.Unauthenticated,
    ];

    /// <summary>What core says when certificates or TLS itself don't fit: the other side is there, and will say the same again.</summary>
    private static readonly (string Text, string Reason)[] TlsRefusals =
    [
        ("InvalidCertificate(", "its certificate is not one we trust; TEMPORAL_TLS_SERVER_CA_CERT_PATH names its authority, TEMPORAL_TLS_SERVER_NAME its name"),
        ("InvalidMessage(InvalidContentType)", "it does not speak TLS; TEMPORAL_TLS=false turns it off"),
        ("CertificateRequired", "it wants a client certificate; TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH name one"),
    ];

    /// <summary>Reads an exception that connecting, or a first call, ended with; null: it says nothing about the connection.</summary>
    public static ConnectFailure? Of(Exception exception) => exception switch
    {
        RpcException e => new ConnectFailure(Refusals.Contains(e.Code), e.Message),
        InvalidOperationException e => OfText(e.Message),
        TimeoutException or IOException => new ConnectFailure(IsRefusal: false, exception.Message),
        _ => null,
    };

    private static ConnectFailure OfText(string text)
    {
        foreach (var (part, reason) in TlsRefusals)
        {
            if (text.Contains(part, StringComparison.Ordinal))
                return new ConnectFailure(IsRefusal: true, reason);
        }
        if (StatusPattern().Match(text) is { Success: true } status)
        {
            var isRefusal = Enum.TryParse<RpcException.StatusCode>(status.Groups["code"].Value, out var code) && Refusals.Contains(code);
            return new ConnectFailure(isRefusal, status.Groups["message"].Value is { Length: > 0 } message ? message : status.Groups["code"].Value);
        }
        var quoted = QuotedPattern().Matches(text);
        return new ConnectFailure(IsRefusal: false, quoted.Count > 0 ? quoted[^1].Groups["text"].Value : text);
    }

    [GeneratedRegex("""Status \{ code: (?<code>\w+), message: "(?<message>(?:[^"\\]|\\.)*)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex StatusPattern();

    [GeneratedRegex("""(?:message|error): "(?<text>[^"]+)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex QuotedPattern();
}
