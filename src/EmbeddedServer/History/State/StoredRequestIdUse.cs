using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.History.State;

internal sealed partial class StoredRequestIdUse
{
    /// <summary>The event by which it took effect.</summary>
    public EventType EventType => (EventType)Type;

    /// <param name="type">Of the event by which it took effect.</param>
    /// <param name="eventId">0 while that event is held back.</param>
    public static StoredRequestIdUse Of(EventType type, long eventId) => new() { Type = (int)type, EventId = eventId };
}
