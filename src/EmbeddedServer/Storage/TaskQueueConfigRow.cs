namespace Onramp.EmbeddedServer.Storage;

/// <summary>What was configured of a task queue.</summary>
/// <param name="Data">A serialized <c>temporal.api.taskqueue.v1.TaskQueueConfig</c>; opaque to the store.</param>
public sealed record TaskQueueConfigRow(string NamespaceId, string Queue, TaskKind Kind, byte[] Data);
