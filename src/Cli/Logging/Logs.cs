using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Onramp.Cli.Options;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace Onramp.Cli.Logging;

/// <summary>
/// The process's log: to standard error (standard output is for answers), and to a file when asked. Every line tells its part,
/// and, where they are known, correlation id, workflow id and step.
/// </summary>
internal sealed class Logs : IDisposable
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Part,-8} {Where}{Message:lj}{NewLine}{Exception}";
    private const int KeptFiles = 14;

    private readonly Logger logger;
    private readonly List<SerilogLoggerFactory> factories = [];

    public Logs(LogSettings settings)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(settings.Level)
            .MinimumLevel.Override("Microsoft", Max(settings.Level, LogEventLevel.Warning))
            .MinimumLevel.Override("System", Max(settings.Level, LogEventLevel.Warning))
            .MinimumLevel.Override("Grpc", Max(settings.Level, LogEventLevel.Warning))
            .Enrich.FromLogContext();
        if (!settings.Json)
            configuration.Enrich.With(new WhereEnricher());
        if (settings.Json)
            configuration.WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture), standardErrorFromLevel: LogEventLevel.Verbose);
        else
            configuration.WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, standardErrorFromLevel: LogEventLevel.Verbose);
        if (settings.File is { } file && settings.Json)
            configuration.WriteTo.File(new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture), file, rollingInterval: RollingInterval.Day, retainedFileCountLimit: KeptFiles);
        else if (settings.File is not null)
            configuration.WriteTo.File(settings.File, outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, rollingInterval: RollingInterval.Day, retainedFileCountLimit: KeptFiles);
        logger = configuration.CreateLogger();
    }

    /// <summary>Loggers of one part of the process.</summary>
    public ILoggerFactory For(string part)
    {
        var factory = new SerilogLoggerFactory(logger.ForContext("Part", part));
        factories.Add(factory);
        return factory;
    }

    /// <summary>Request lines of one part of the process, for its host.</summary>
    public Action<IServiceCollection> Requests(string part) => services => RequestLog.AddTo(services, logger.ForContext("Part", part));

    public void Dispose()
    {
        foreach (var factory in factories)
            factory.Dispose();
        logger.Dispose();
    }

    private static LogEventLevel Max(LogEventLevel a, LogEventLevel b) => a > b ? a : b;
}

/// <summary>Puts workflow id, step and correlation id in one place at the front of a line of text.</summary>
internal sealed class WhereEnricher : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        var parts = new[] { Text(logEvent, "WorkflowId"), Text(logEvent, "Step"), Text(logEvent, "CorrelationId") }.Where(p => p.Length > 0).ToArray();
        var where = parts.Length == 0 ? "" : $"[{string.Join(' ', parts)}] ";
        logEvent.AddPropertyIfAbsent(new LogEventProperty("Where", new ScalarValue(where)));
    }

    private static string Text(LogEvent logEvent, string name) =>
        logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string text } ? text : "";
}
