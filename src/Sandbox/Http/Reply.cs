using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Http;

/// <summary>One answer: status, headers and body, or a stream that goes on after the status.</summary>
internal sealed class Reply
{
    public required int Status { get; init; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ReadOnlyMemory<byte> Body { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Writes the body piece by piece, outside of any transaction (watches).</summary>
    public Func<Stream, CancellationToken, Task>? Stream { get; init; }

    /// <summary>Closes the connection without an answer.</summary>
    public bool Abort { get; init; }

    /// <summary>How long the answer is held back after the call was committed, in real time.</summary>
    public TimeSpan Hold { get; set; }

    /// <summary>Runs when the answer is about to go out, or is dropped.</summary>
    public Action? Released { get; set; }

    public static Reply Json(int status, JsonNode body, string contentType = "application/json; charset=utf-8") =>
        new() { Status = status, Body = Encoding.UTF8.GetBytes(body.ToJsonString(Sandbox.Json.Compact)), ContentType = contentType };

    public static Reply Text(int status, string body, string contentType = "text/plain; charset=utf-8") =>
        new() { Status = status, Body = Encoding.UTF8.GetBytes(body), ContentType = contentType };

    public static Reply Empty(int status) => new() { Status = status };

    public Reply With(string header, string value)
    {
        Headers[header] = value;
        return this;
    }
}

/// <summary>Ends a call with this answer; nothing that the call wrote is kept.</summary>
internal sealed class Refusal(Reply reply) : Exception("refused")
{
    public Reply Reply { get; } = reply;
}
