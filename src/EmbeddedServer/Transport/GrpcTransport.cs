using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>The call table and gRPC's health service on ASP.NET's gRPC server.</summary>
internal static class GrpcTransport
{
    /// <summary>Bounds what a compressed message may grow to; requests over the limit are refused in words that workers know, which needs them read.</summary>
    private const int MaximumReadBytes = 128 * 1024 * 1024;

    public static void AddGrpcTransport(this IServiceCollection services, CallTable table, Func<HealthCheckResult> health)
    {
        services.AddSingleton(table).AddSingleton<FrontendService>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaximumReadBytes;
            grpc.MaxSendMessageSize = null;
            grpc.IgnoreUnknownServices = true;
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<FrontendService>, GrpcMethods>());
        services.AddGrpcHealthChecks(checks =>
        {
            foreach (var service in table.Services)
            {
                checks.Services.Map(service, _ => true);
            }
        }).AddCheck("server", health);
    }

    public static void UseGrpcTransport(this WebApplication app, CallTable table, ApiKeyAuthorization? authorization)
    {
        app.Use(async (http, next) =>
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
            {
                bodySize.MaxRequestBodySize = MaximumReadBytes;
            }

            if (authorization?.Lets(http) == false)
            {
                GrpcAnswers.Refuse(http, Refusals.PermissionDenied("Request unauthorized."));
                return;
            }

            await next(http).ConfigureAwait(false);
            if (http.Features.Get<CallContext>() is { CancellationToken.IsCancellationRequested: true } call)
            {
                call.ReportUndelivered();
            }
        });
        app.UseRouting();
        app.MapGrpcService<FrontendService>();
        app.MapGrpcHealthChecksService();
        app.MapFallback("{**path}", http =>
        {
            GrpcAnswers.Refuse(http, GrpcAnswers.Unknown(table, http.Request.Path.Value!));
            return Task.CompletedTask;
        });
    }
}
