using Microsoft.Extensions.Logging;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>What a handler's exception is answered with, whatever transport the call came by.</summary>
internal static class CallFailures
{
    private static readonly Action<ILogger, string, Exception?> LogUnexpected =
        LoggerMessage.Define<string>(LogLevel.Error, new EventId(1, "UnexpectedFailure"), "{Method} failed unexpectedly");

    /// <summary>The refusal; what nobody expected is logged and kept from the caller.</summary>
    /// <param name="failure">What the handler threw.</param>
    /// <param name="method">Its name for the log.</param>
    /// <param name="aborted">Fired if the caller has gone.</param>
    /// <param name="call">Fired if the caller has gone or its deadline has passed.</param>
    public static RefusalException ToRefusal(Exception failure, string method, CancellationToken aborted, CancellationToken call, ILogger logger)
    {
        switch (failure)
        {
            case RefusalException refusal:
                return refusal;
            case OperationCanceledException when aborted.IsCancellationRequested:
                return new RefusalException(RefusalKind.Cancelled, "context canceled");
            case OperationCanceledException when call.IsCancellationRequested:
                return new RefusalException(RefusalKind.DeadlineExceeded, "context deadline exceeded");
            case OperationCanceledException:
                return new RefusalException(RefusalKind.Unavailable, "the server is shutting down");
            default:
                LogUnexpected(logger, method, failure);
                return new RefusalException(RefusalKind.Internal, "internal error");
        }
    }
}
