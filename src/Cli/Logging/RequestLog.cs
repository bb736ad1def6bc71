using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serilog;
using Serilog.AspNetCore;
using Serilog.Events;
using Serilog.Extensions.Hosting;

namespace Onramp.Cli.Logging;

/// <summary>One line a request, in whichever host it is put: who asked what, what came of it, how long it took. Never a query or a header's secret.</summary>
internal static class RequestLog
{
    private const string CorrelationHeader = "X-Correlation-ID";
    private const string Template = "{RequestMethod} {RequestPath} {StatusCode} in {Elapsed:0.0} ms for {Principal}";

    /// <summary>Paths that machines ask for all day.</summary>
    private static readonly PathString[] Routine = ["/healthz", "/metrics"];

    public static void AddTo(IServiceCollection services, ILogger logger)
    {
        services.AddSingleton(new DiagnosticContext(logger));
        services.AddSingleton<IDiagnosticContext>(s => s.GetRequiredService<DiagnosticContext>());
        services.AddSingleton<IStartupFilter>(new Outermost(options =>
        {
            options.Logger = logger;
            options.MessageTemplate = Template;
            options.IncludeQueryInRequestPath = false;
            options.GetLevel = LevelOf;
            options.EnrichDiagnosticContext = (line, context) =>
            {
                line.Set("CorrelationId", context.Response.Headers[CorrelationHeader].ToString());
                line.Set("Principal", PrincipalOf(context));
            };
        }));
    }

    private static LogEventLevel LevelOf(HttpContext context, double elapsed, Exception? exception)
    {
        if (Array.Exists(Routine, path => context.Request.Path.StartsWithSegments(path)))
            return LogEventLevel.Debug;
        return exception is not null || context.Response.StatusCode >= StatusCodes.Status500InternalServerError ? LogEventLevel.Error : LogEventLevel.Information;
    }

    /// <summary>The authenticated name; without tokens the starter's own word for that; <c>anyone</c> for who was refused, or not asked.</summary>
    private static string PrincipalOf(HttpContext context) => context.User.Identity is { IsAuthenticated: true, Name: { } name } ? name : "anyone";

    /// <summary>Around everything else of the host, so that what others answer is seen too.</summary>
    private sealed class Outermost(Action<RequestLoggingOptions> configure) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
        {
            application.UseSerilogRequestLogging(configure);
            next(application);
        };
    }
}
