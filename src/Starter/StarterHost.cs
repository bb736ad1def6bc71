using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Onramp.Starter.Endpoints;
using Onramp.Starter.Events;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;
using Onramp.Starter.Security;
using Onramp.Starter.Services;
using Onramp.Starter.Services.Preview;
using Onramp.Workflows.Readiness;
using Temporalio.Client;

namespace Onramp.Starter;

/// <summary>The HTTP API, listening. Dispose to drain and stop.</summary>
public sealed class StarterHost : IAsyncDisposable
{
    private readonly WebApplication application;

    private StarterHost(WebApplication application, Uri address)
    {
        this.application = application;
        Address = address;
    }

    /// <summary>Where it listens, with the port that was taken.</summary>
    public Uri Address { get; }

    /// <summary>Starts the API on a client that the caller keeps and disposes.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">An option breaks its rule.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<StarterHost> StartAsync(
        StarterOptions options, ITemporalClient client, ILoggerFactory loggers, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var application = Build(options, client, loggers);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
        var addresses = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        return new StarterHost(application, new Uri(addresses.First()));
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    private static WebApplication Build(StarterOptions options, ITemporalClient client, ILoggerFactory loggers)
    {
        // An empty one: it takes no settings, and no address to listen at, from an appsettings.json where it is started, and doesn't watch that folder for one.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(StarterHost).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes + 1;
            kestrel.Listen(options.Listen);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(client);
        builder.Services.AddSingleton<NamespaceReadiness>();
        options.ConfigureServices?.Invoke(builder.Services);
        builder.Services.AddSingleton<IdempotencyKeys>();
        builder.Services.AddSingleton<RunPages>();
        builder.Services.AddSingleton<ServiceReader>();
        builder.Services.AddSingleton<ServiceRequests>();
        builder.Services.AddSingleton<Approvals>();
        builder.Services.AddSingleton<PreviewHolds>().AddSingleton<PreviewRequests>().AddSingleton<PreviewReader>().AddSingleton<PreviewCommands>();
        builder.Services.AddSingleton<HistoryFollower>().AddSingleton<EventStream>().AddSingleton<ChangeStream>();
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>().AddProblemDetails().AddExceptionHandler<ProblemExceptionHandler>();
        builder.Services.AddAccessRules(options).AddRequestLimits(options).AddApiDocument();
        builder.Services.AddRouting().ConfigureHttpJsonOptions(json => ApiJson.ApplyToAnswers(json.SerializerOptions));

        var application = builder.Build();
        application.UseMiddleware<CorrelationId>();
        application.UseExceptionHandler();
        application.UseStatusCodePages();
        application.UseRouting();
        application.UseAuthentication();
        application.UseRateLimiter();
        application.UseAuthorization();
        application.MapServices();
        application.MapPreview();
        application.MapHealth();
        application.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        return application;
    }
}
