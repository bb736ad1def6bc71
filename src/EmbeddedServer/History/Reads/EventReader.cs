using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.History.V1;
using HistoryMessage = Temporalio.Api.History.V1.History;

namespace Onramp.EmbeddedServer.History.Reads;

/// <summary>Reads a run's events: the last ones from memory, older ones from the store. Needs the lease.</summary>
internal sealed class EventReader(IStore store, HistoryEngineOptions options)
{
    private const int EventsAtOnce = 1_000;

    /// <summary>Events from one id through another, at most so many, and no more bytes than fit a page (but at least one event).</summary>
    public List<HistoryEvent> Read(ExecutionState state, long fromEventId, long throughEventId, int maximumEvents)
    {
        if (fromEventId > throughEventId || maximumEvents <= 0)
        {
            return [];
        }

        var events = state.Events.TryRead(fromEventId, throughEventId, maximumEvents) ?? ReadStored(state, fromEventId, throughEventId, maximumEvents);
        return TrimToPage(events);
    }

    public List<HistoryEvent> ReadReverse(ExecutionState state, long throughEventId, int maximumEvents)
    {
        var events = new List<HistoryEvent>();
        foreach (var batch in store.ReadHistoryReverse(state.Key, throughEventId, maximumEvents))
        {
            var parsed = HistoryMessage.Parser.ParseFrom(batch.Data).Events;
            for (var index = parsed.Count - 1; index >= 0 && events.Count < maximumEvents; index--)
            {
                if (parsed[index].EventId <= throughEventId)
                {
                    events.Add(parsed[index]);
                }
            }
        }

        return TrimToPage(events);
    }

    /// <exception cref="InvalidDataException">The run has no such event.</exception>
    public HistoryEvent ReadOne(ExecutionState state, long eventId) =>
        Read(state, eventId, eventId, 1) is [var @event] ? @event : throw new InvalidDataException($"event {eventId} of a run is missing");

    /// <summary>Events as the decisions that wrote them: every batch that has some of the asked for, whole.</summary>
    public IEnumerable<(HistoryBatchRow Batch, IReadOnlyList<HistoryEvent> Events)> ReadBatches(ExecutionState state, long fromEventId, long throughEventId)
    {
        while (fromEventId <= throughEventId)
        {
            var batches = store.ReadHistory(state.Key, fromEventId, EventsAtOnce);
            if (batches.Count == 0)
            {
                throw new InvalidDataException($"event {fromEventId} of a run is missing");
            }

            foreach (var batch in batches)
            {
                if (batch.FirstEventId <= throughEventId)
                {
                    yield return (batch, HistoryMessage.Parser.ParseFrom(batch.Data).Events);
                }

                fromEventId = batch.LastEventId + 1;
            }
        }
    }

    private List<HistoryEvent> ReadStored(ExecutionState state, long fromEventId, long throughEventId, int maximumEvents)
    {
        var wholeTail = state.Events.FirstEventId == 0 && throughEventId >= state.LastEventId;
        var events = new List<HistoryEvent>();
        foreach (var batch in store.ReadHistory(state.Key, fromEventId, maximumEvents))
        {
            foreach (var @event in HistoryMessage.Parser.ParseFrom(batch.Data).Events)
            {
                if (@event.EventId >= fromEventId && @event.EventId <= throughEventId && events.Count < maximumEvents)
                {
                    events.Add(@event);
                }
            }
        }

        if (wholeTail && events.Count > 0 && events[^1].EventId == state.LastEventId)
        {
            foreach (var @event in events)
            {
                state.Events.Add(@event);
            }
        }

        return events;
    }

    private List<HistoryEvent> TrimToPage(List<HistoryEvent> events)
    {
        long bytes = 0;
        for (var index = 0; index < events.Count; index++)
        {
            bytes += events[index].CalculateSize();
            if (bytes > options.PageBytes && index > 0)
            {
                events.RemoveRange(index, events.Count - index);
                break;
            }
        }

        return events;
    }
}
