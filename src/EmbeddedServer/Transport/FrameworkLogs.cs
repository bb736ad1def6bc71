using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>
/// What the framework below the server may log through its owner's logs: warnings and worse. It would write several lines a call otherwise, and
/// each refusal with its text, which is the caller's business; anybody who reaches the port could fill the logs.
/// </summary>
internal sealed class FrameworkLogs(ILoggerFactory owner) : ILoggerFactory
{
    private const string Ours = "Onramp.";

    /// <summary>It would repeat each second that the server isn't well; who asks is told.</summary>
    private const string Health = "Microsoft.Extensions.Diagnostics.HealthChecks.";

    public ILogger CreateLogger(string categoryName)
    {
        if (categoryName.StartsWith(Health, StringComparison.Ordinal))
        {
            return NullLogger.Instance;
        }

        var logger = owner.CreateLogger(categoryName);
        return categoryName.StartsWith(Ours, StringComparison.Ordinal) ? logger : new Quiet(logger);
    }

    public void AddProvider(ILoggerProvider provider) => owner.AddProvider(provider);

    /// <summary>The owner lets go of his own.</summary>
    public void Dispose()
    {
    }

    private sealed class Quiet(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning && !IsCallersBusiness(exception))
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
        }

        /// <summary>Refusals, and what a caller sent or broke off.</summary>
        private static bool IsCallersBusiness(Exception? exception) => exception is RpcException or IOException or InvalidDataException or OperationCanceledException;
    }
}
