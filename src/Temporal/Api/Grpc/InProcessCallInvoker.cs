using System.Collections.ObjectModel;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.Grpc;

/// <summary>
/// Calls a server in the same process without a socket. Messages are copied on the way in and out, so that neither side sees
/// the other change one.
/// </summary>
public sealed class InProcessCallInvoker(GrpcServiceTable table) : IGrpcCallInvoker
{
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        MethodDescriptor method, TRequest request, MessageParser<TResponse> parser, GrpcCallOptions options)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        if (!table.Entries.TryGetValue(GrpcServiceTable.PathOf(method), out var entry) || entry.Handler is null)
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, $"method {method.Name} not implemented");
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        DateTimeOffset? due = null;
        if (options.Timeout is { } timeout)
        {
            due = TimeProvider.System.GetUtcNow() + timeout;
            deadline.CancelAfter(timeout);
        }

        var context = new GrpcCallContext(Lookup(options.Metadata), due, "in-process", deadline.Token);
        try
        {
            // Handlers may run long before their first await; the caller's thread is not theirs.
            var response = await Task.Run(() => entry.Handler(request.Clone(), context), CancellationToken.None).ConfigureAwait(false);
            if (deadline.IsCancellationRequested)
            {
                context.ReportUndelivered();
            }

            deadline.Token.ThrowIfCancellationRequested();
            return ((TResponse)response).Clone();
        }
        catch (OperationCanceledException) when (options.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(options.CancellationToken);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, "context deadline exceeded", innerException: e);
        }
    }

    private static ReadOnlyDictionary<string, string> Lookup(IReadOnlyCollection<KeyValuePair<string, string>>? metadata)
    {
        var lookup = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in metadata ?? [])
        {
            lookup[name] = value;
        }

        return new ReadOnlyDictionary<string, string>(lookup);
    }
}
