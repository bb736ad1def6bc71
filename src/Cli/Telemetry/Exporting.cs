using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Onramp.Worker.Metrics;
using Onramp.Workflows.Tracing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Onramp.Cli.Telemetry;

/// <summary>
/// Sends the process's traces and metrics to a collector when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one; all of OpenTelemetry's
/// own variables (protocol, headers, sampler, service name) hold. One for the process: hosts side by side would each export everything.
/// </summary>
internal sealed class Exporting : IDisposable
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string ServiceNameVariable = "OTEL_SERVICE_NAME";
    private const string UrlTag = "url.full";

    /// <summary>Health checks, scrapes and the protocol of Temporal (a poll every second or so, without an end) are nobody's trace.</summary>
    private static readonly PathString[] Untraced = ["/healthz", "/metrics"];

    private readonly IDisposable?[] providers;

    private Exporting(params IDisposable?[] providers) => this.providers = providers;

    /// <summary>Starts exporting, if the environment says where to.</summary>
    public static Exporting? Start(Func<string, string?> variable)
    {
        if (variable(EndpointVariable) is not { Length: > 0 } endpoint)
            return null;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new CliException($"{EndpointVariable} must be a URL, such as http://127.0.0.1:4317, not '{endpoint}'.", ExitCodes.Usage);
        return new Exporting(
            Traces(variable).AddOtlpExporter().Build(),
            Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(resource => Name(resource, variable))
                .AddMeter(OnboardingMetrics.MeterName, CoreMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Hosting")
                .AddOtlpExporter()
                .Build());
    }

    /// <summary>What is traced; the caller says where it goes.</summary>
    internal static TracerProviderBuilder Traces(Func<string, string?> variable) => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => Name(resource, variable))
        .AddSource(TracingInterceptor.SourceName)
        .AddAspNetCoreInstrumentation(http => http.Filter = IsTraced)
        .AddHttpClientInstrumentation(http => http.EnrichWithHttpRequestMessage = HidePath);

    public void Dispose()
    {
        foreach (var provider in providers)
            provider?.Dispose();
    }

    private static void Name(ResourceBuilder resource, Func<string, string?> variable)
    {
        if (variable(ServiceNameVariable) is not { Length: > 0 })
            resource.AddService("onramp");
    }

    private static bool IsTraced(HttpContext context) =>
        !Array.Exists(Untraced, path => context.Request.Path.StartsWithSegments(path))
        && context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true;

    /// <summary>Whom a step called is told, not at which path: a chat webhook's path is its secret.</summary>
    private static void HidePath(Activity span, HttpRequestMessage request) =>
        span.SetTag(UrlTag, request.RequestUri?.GetLeftPart(UriPartial.Authority));
}
