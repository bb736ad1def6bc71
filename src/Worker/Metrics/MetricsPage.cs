using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Onramp.Worker.Metrics;

/// <summary><c>/metrics</c>: ours, the runtime's and those of Temporal's core, in Prometheus' text format.</summary>
internal static class MetricsPage
{
    /// <summary>Names of the runtime's that Prometheus takes for parts of a histogram (they end in <c>_count</c>), and what they are called instead.</summary>
    private static readonly (string Instrument, string Name)[] Renamed =
    [
        ("dotnet.assembly.count", "dotnet.assemblies"),
        ("dotnet.process.cpu.count", "dotnet.process.cpus"),
        ("dotnet.timer.count", "dotnet.timers"),
    ];

    public static void AddMetricsPage(this IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(metrics =>
    {
        metrics.AddMeter(OnboardingMetrics.MeterName, CoreMetrics.MeterName, "System.Runtime");
        foreach (var (instrument, name) in Renamed)
            metrics.AddView(instrument, name);
        metrics.AddPrometheusExporter(page =>
        {
            // The meter's name as a label on every series would change them all, and says nothing that the metric's name doesn't.
            page.ScopeInfoEnabled = false;
        });
    });

    /// <param name="application">Where it is served.</param>
    /// <param name="path">At which path.</param>
    /// <param name="token">Bearer token to ask for; null: none.</param>
    public static void UseMetricsPage(this WebApplication application, string path, string? token)
    {
        if (token is not null)
        {
            var expected = SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {token}"));
            application.UseWhen(context => context.Request.Path.StartsWithSegments(path), branch => branch.Use(next => context =>
                IsAllowed(context.Request.Headers.Authorization.ToString(), expected) ? next(context) : RefuseAsync(context)));
        }
        application.UseOpenTelemetryPrometheusScrapingEndpoint(path);
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return context.Response.WriteAsync("Send 'Authorization: Bearer TOKEN'.", context.RequestAborted);
    }

    private static bool IsAllowed(string header, byte[] expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header)), expected);
}
