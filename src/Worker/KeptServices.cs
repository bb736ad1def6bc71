using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Onramp.Activities.Services;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Worker;

/// <summary>As long as a worker works, services that somebody stopped go on.</summary>
internal sealed partial class KeptServices(
    ServiceKeeper keeper, ITemporalClient client, IOptions<ServiceOptions> options, TimeProvider time, ILogger<KeptServices> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.KeepEvery, time);
        do
        {
            try
            {
                foreach (var service in await keeper.LookAsync(client, stoppingToken))
                    LogStarted(service);
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
            {
                // The server is away, or the worker is about to be; the next look makes up for it.
                LogPutOff(e.Message);
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    /// <returns>False once it is asked to stop.</returns>
    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The workflow of service {Service} had been stopped; it is started again")]
    private partial void LogStarted(string service);

    [LoggerMessage(LogLevel.Debug, "Services that were stopped are looked for later: {Why}")]
    private partial void LogPutOff(string why);
}
