using Temporalio.Api.History.V1;

namespace Onramp.EmbeddedServer.History.State;

/// <summary>The last events of a loaded run, decoded, so that handing them out reads nothing. Bounded by bytes.</summary>
internal sealed class EventTail(int maximumBytes)
{
    private readonly Queue<(HistoryEvent Event, int Bytes)> events = new();
    private int bytes;

    /// <summary>What the events that it holds take when they are encoded.</summary>
    public int Bytes => bytes;

    /// <summary>0 while it is empty.</summary>
    public long FirstEventId { get; private set; }

    public void Add(HistoryEvent @event)
    {
        var size = @event.CalculateSize();
        if (events.Count == 0)
        {
            FirstEventId = @event.EventId;
        }

        events.Enqueue((@event, size));
        bytes += size;
        while (bytes > maximumBytes && events.Count > 0)
        {
            bytes -= events.Dequeue().Bytes;
            FirstEventId = events.Count == 0 ? 0 : events.Peek().Event.EventId;
        }
    }

    /// <summary>The events from <paramref name="fromEventId"/> on, or null when they reach further back than this does.</summary>
    public List<HistoryEvent>? TryRead(long fromEventId, long throughEventId, int maximumEvents)
    {
        if (FirstEventId == 0 || fromEventId < FirstEventId)
        {
            return null;
        }

        var read = new List<HistoryEvent>();
        foreach (var (@event, _) in events)
        {
            if (@event.EventId >= fromEventId && @event.EventId <= throughEventId && read.Count < maximumEvents)
            {
                read.Add(@event);
            }
        }

        return read;
    }
}
