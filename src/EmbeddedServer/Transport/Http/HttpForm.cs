namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>How one listener speaks HTTP/JSON.</summary>
/// <param name="HasPayloadShorthand">Whether payloads that hold JSON stand for themselves unless the caller says otherwise.</param>
/// <param name="AllowsUnknownFields">Whether fields that a message doesn't have are passed over.</param>
/// <param name="EscapedSlash">Whether a <c>%2F</c> within a segment of the path is part of an id; otherwise nothing has such a path.</param>
/// <param name="ContentType">What answers are called whose form the caller didn't choose.</param>
/// <param name="RequiresCaller">Whether what may change something has to carry a header that no page of another site can send.</param>
/// <param name="AsksForKey">Whether a browser that shows no API key is told to ask its user for one, as the password.</param>
internal sealed record HttpForm(
    bool HasPayloadShorthand, bool AllowsUnknownFields, bool EscapedSlash, string ContentType, bool RequiresCaller, bool AsksForKey)
{
    /// <summary>The HTTP API of Temporal's server, down to the content type that is none.</summary>
    public static readonly HttpForm Api = new(
        HasPayloadShorthand: true, AllowsUnknownFields: false, EscapedSlash: false, ContentType: "*", RequiresCaller: false, AsksForKey: false);

    /// <summary>What Temporal's web UI speaks with the server that it comes from.</summary>
    public static readonly HttpForm Ui = new(
        HasPayloadShorthand: false, AllowsUnknownFields: true, EscapedSlash: true, ContentType: "application/json", RequiresCaller: true, AsksForKey: true);
}
