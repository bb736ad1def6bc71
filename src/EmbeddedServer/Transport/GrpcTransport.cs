using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>The call table and gRPC's health service on ASP.NET's gRPC server.</summary>
internal static class GrpcTransport
{
    /// <summary>How often those who watch the health service hear of a change that the server does not tell by itself.</summary>
    private static readonly TimeSpan HealthPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Open to everyone.</summary>
    private static readonly string HealthPath = $"/{Grpc.Health.V1.Health.Descriptor.FullName}";

    public static void AddGrpcTransport(this IServiceCollection services, CallTable table, Func<HealthCheckResult> health)
    {
        services.AddSingleton(table).AddSingleton<FrontendService>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MessageMarshallers.MaximumRequestBytes;
            grpc.MaxSendMessageSize = null;
            grpc.CompressionProviders = [new BoundedGzip()];
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
        services.Configure<HealthCheckPublisherOptions>(publisher => (publisher.Delay, publisher.Period) = (TimeSpan.Zero, HealthPeriod));
    }

    public static void UseGrpcTransport(this WebApplication app, CallTable table, Authenticator? authenticator)
    {
        app.Use(async (http, next) =>
        {
            if (authenticator is not null && !http.Request.Path.StartsWithSegments(HealthPath, StringComparison.Ordinal))
            {
                if (await authenticator.IdentifyAsync(http.Request.Headers.Authorization.ToString(), http.RequestAborted).ConfigureAwait(false) is not { } grants)
                {
                    GrpcAnswers.Refuse(http, Refusals.PermissionDenied("Request unauthorized."));
                    return;
                }

                http.Features.Set(grants);
            }

            Delivery.Watch(http);
            await next(http).ConfigureAwait(false);
            GrpcAnswers.Reword(http);
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
