namespace Onramp.EmbeddedServer.Schedules.Specs;

/// <summary>A schedule's times can't be as they are given; the message says which part and why.</summary>
internal sealed class InvalidSpecException(string message) : Exception(message);
