using Microsoft.Extensions.Logging;

namespace Temporalio.Worker.Instance;

/// <summary>A logger that says nothing while history is replayed. What it says carries the run's ids.</summary>
internal sealed class ReplaySafeLogger(ILogger inner, WorkflowInstance instance) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => !instance.IsReplayingHistoryEvents && inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        // Where logs go is free to use threads of its own.
        instance.WithTracingDisabled<object?>(() =>
        {
            using (inner.BeginScope(instance.Info.LoggerScope))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }

            return null;
        });
    }
}
