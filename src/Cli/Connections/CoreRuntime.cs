using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Worker.Metrics;
using Temporalio.Runtime;

namespace Onramp.Cli.Connections;

/// <summary>
/// The process's one runtime of Temporal's core. It has threads that never end, so there is never a second one. Its log goes where
/// ours goes (left alone it writes coloured lines to standard output, between answers), its metrics into .NET's own.
/// </summary>
internal static class CoreRuntime
{
    private static readonly ForwardingLogger Target = new();

    private static readonly Lazy<TemporalRuntime> Runtime = new(() => new TemporalRuntime(new TemporalRuntimeOptions
    {
        Telemetry = new TelemetryOptions
        {
            Logging = new LoggingOptions(new TelemetryFilterOptions(core: TelemetryFilterOptions.Level.Warn, other: TelemetryFilterOptions.Level.Error))
            {
                Forwarding = new LogForwardingOptions(Target),
            },
            Metrics = new MetricsOptions
            {
                CustomMetricMeter = new CoreMetrics(),
                CustomMetricMeterOptions = new CustomMetricMeterOptions { HistogramDurationFormat = CustomMetricMeterOptions.DurationFormat.FloatSeconds },
            },
        },
    }));

    /// <summary>The runtime; what it says from now on goes to these loggers.</summary>
    public static TemporalRuntime Shared(ILoggerFactory loggers)
    {
        Target.Logger = loggers.CreateLogger("Temporalio.Core");
        return Runtime.Value;
    }

    /// <summary>Core keeps its logger for ever; the process's log can end before it.</summary>
    private sealed class ForwardingLogger : ILogger
    {
        public ILogger Logger { get; set; } = NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => Logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => Logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Logger.Log(IsLateHeartbeat(formatter(state, exception)) ? LogLevel.Debug : logLevel, eventId, state, exception, formatter);

        /// <summary>An activity that ended before its last heartbeat was sent: nothing that an operator could look into.</summary>
        private static bool IsLateHeartbeat(string text) =>
            text.Contains("Activity heartbeat failed", StringComparison.Ordinal) && text.Contains("UnknownActivity", StringComparison.Ordinal);
    }
}
