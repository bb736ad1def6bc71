using Google.Protobuf;
using Onramp.EmbeddedServer.History.State;
using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.History;

internal enum TaskTokenKind
{
    Workflow = 1,
    Activity = 2,
    Query = 3,
}

/// <summary>
/// What a worker hands back with its answer. It names the run, whose id nobody can guess, and the attempt by its number, so that a late answer to an
/// earlier one is recognised; as at Temporal's server one that has the same number, because attempts were counted anew, is not.
/// </summary>
internal sealed record TaskToken(TaskTokenKind Kind, ExecutionKey Key, long ScheduledEventId, long StartedEventId, int Attempt, string Id)
{
    private const int ChecksumBytes = 4;

    public static TaskToken ForWorkflowTask(ExecutionState state) => new(
        TaskTokenKind.Workflow, state.Key, state.Task.ScheduledEventId, state.Task.StartedEventId, state.Task.Attempt, state.Task.RequestId);

    public static TaskToken ForActivity(ExecutionState state, ActivityState activity) => new(
        TaskTokenKind.Activity, state.Key, activity.ScheduledEventId, 0, activity.Attempt, activity.ActivityId);

    public static TaskToken ForQuery(ExecutionKey key, string queryId) => new(TaskTokenKind.Query, key, 0, 0, 0, queryId);

    public ByteString ToBytes()
    {
        var body = new TaskTokenBody
        {
            Kind = (int)Kind,
            NamespaceId = Key.NamespaceId,
            WorkflowId = Key.WorkflowId,
            RunId = Key.RunId,
            ScheduledEventId = ScheduledEventId,
            StartedEventId = StartedEventId,
            Attempt = Attempt,
            Id = Id,
        }.ToByteArray();
        var bytes = new byte[body.Length + ChecksumBytes];
        body.CopyTo(bytes, 0);
        Checksum(body).CopyTo(bytes.AsSpan(body.Length));
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    /// <exception cref="RefusalException">
    /// INVALID_ARGUMENT: there is none, it is garbage, of another kind or of another namespace. NOT_FOUND: another of Temporal's servers gave it.
    /// </exception>
    public static TaskToken Parse(ByteString bytes, TaskTokenKind kind, NamespaceRef ns)
    {
        if (bytes.IsEmpty)
        {
            throw Errors.InvalidArgument("Task token not set on request.");
        }

        var token = TryParse(bytes.Span);
        if (token is null && TryParseForeign(bytes, ns) is { } foreign)
        {
            throw Errors.RunNotFound(foreign.WorkflowId, foreign.RunId);
        }

        if (token is null)
        {
            throw Errors.InvalidArgument("Error deserializing task token.");
        }

        if (token.Key.NamespaceId != ns.Id)
        {
            throw Errors.InvalidArgument("Operation requested with a token from a different namespace.");
        }

        return token.Kind == kind ? token : throw OfAnotherKind(kind, token.Kind);
    }

    /// <summary>Whether it is a token at all: of ours, of whatever kind, or of another of Temporal's servers.</summary>
    public static bool IsOne(ByteString bytes, NamespaceRef ns) => TryParse(bytes.Span) is not null || TryParseForeign(bytes, ns) is not null;

    /// <summary>The namespace that a token's task is in; null when it is no token of ours.</summary>
    public static string? NamespaceIdOf(ByteString bytes) => TryParse(bytes.Span)?.Key.NamespaceId;

    /// <summary>There is such a token, but no such task.</summary>
    private static RefusalException OfAnotherKind(TaskTokenKind wanted, TaskTokenKind given) => (wanted, given) switch
    {
        (TaskTokenKind.Workflow, TaskTokenKind.Activity) => Errors.WorkflowTaskNotFound(),
        (TaskTokenKind.Activity, TaskTokenKind.Workflow) => Errors.ActivityNotFound(),
        _ => Errors.InvalidArgument("Error deserializing task token."),
    };

    private static TaskToken? TryParse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= ChecksumBytes)
        {
            return null;
        }

        var body = bytes[..^ChecksumBytes];
        if (!Checksum(body).AsSpan().SequenceEqual(bytes[^ChecksumBytes..]))
        {
            return null;
        }

        var token = TaskTokenBody.Parser.ParseFrom(body);
        return new TaskToken(
            (TaskTokenKind)token.Kind, new ExecutionKey(token.NamespaceId, token.WorkflowId, token.RunId),
            token.ScheduledEventId, token.StartedEventId, token.Attempt, token.Id);
    }

    /// <summary>A whole token of another server names a run that isn't here.</summary>
    private static TemporalTaskToken? TryParseForeign(ByteString bytes, NamespaceRef ns)
    {
        try
        {
            var token = TemporalTaskToken.Parser.ParseFrom(bytes);
            return token.NamespaceId == ns.Id && token.WorkflowId.Length > 0 && token.RunId.Length > 0 ? token : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static byte[] Checksum(ReadOnlySpan<byte> body)
    {
        // FNV-1a: it tells our tokens from garbage; what keeps them safe is the run id.
        var hash = 2166136261u;
        foreach (var value in body)
        {
            hash = (hash ^ value) * 16777619u;
        }

        return BitConverter.GetBytes(hash);
    }
}
