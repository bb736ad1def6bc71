using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Onramp.Cli.Api;

/// <summary>One event as it came.</summary>
public sealed record StreamedEvent(string Id, string Name, string Data);

internal static class EventStreamReader
{
    public static async IAsyncEnumerable<StreamedEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            yield return new StreamedEvent(item.EventId ?? "", item.EventType, item.Data);
    }
}
