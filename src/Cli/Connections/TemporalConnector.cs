using Microsoft.Extensions.Logging;
using Onramp.Workflows.Services;
using Onramp.Workflows.Tracing;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace Onramp.Cli.Connections;

/// <summary>
/// Connects, patiently: in a cluster, parts start in any order. What waiting can't change (a refused key, a namespace that isn't
/// there, a certificate nobody knows) is told at once. The client is connected for good, since workers can't be made from lazy ones.
/// </summary>
internal sealed partial class TemporalConnector(ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    private readonly ILogger logger = loggers.CreateLogger<TemporalConnector>();

    /// <param name="settings">Whom to be, and in which namespace.</param>
    /// <param name="address">Where the server is, <c>HOST:PORT</c>.</param>
    /// <param name="patience">How long nobody may answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">No server answered within <paramref name="patience"/>, or it turned us away.</exception>
    public Task<ITemporalClient> ConnectAsync(TemporalSettings settings, string address, TimeSpan patience, CancellationToken cancellationToken) =>
        PatientlyAsync<ITemporalClient>(address, patience, async () =>
        {
            var options = settings.ToConnectOptions(address);
            options.LoggerFactory = loggers;
            options.DataConverter = Wire.Converter;
            options.Runtime = CoreRuntime.Shared(loggers);
            options.Interceptors = [new TracingInterceptor()];
            var client = await TemporalClient.ConnectAsync(options);
            await CheckNamespaceAsync(client, address, cancellationToken);
            return client;
        }, cancellationToken);

    /// <summary>Tries until it succeeds, is refused, or patience is over; waits twice as long each time, up to five seconds.</summary>
    internal async Task<T> PatientlyAsync<T>(string address, TimeSpan patience, Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            ConnectFailure failure;
            try
            {
                // A black hole answers nothing at all: patience bounds the attempt too.
                return await attempt().WaitAsync(Left(began, patience), time, cancellationToken);
            }
            catch (Exception e) when (ConnectFailure.Of(e) is { } read)
            {
                failure = read;
                if (failure.IsRefusal)
                    throw new CliException($"the Temporal server at {address} turned us away: {failure.Reason}", ExitCodes.Failed, e);
                if (Left(began, patience) <= TimeSpan.Zero)
                    throw new CliException($"the Temporal server at {address} can't be reached: {failure.Reason}", ExitCodes.Failed, e);
            }
            LogWaiting(address, failure.Reason);
            await Task.Delay(wait < Left(began, patience) ? wait : Left(began, patience), time, cancellationToken);
        }
    }

    /// <summary>A namespace that isn't there would fail the worker later, and every call of the starter.</summary>
    private static async Task CheckNamespaceAsync(TemporalClient client, string address, CancellationToken cancellationToken)
    {
        var name = client.Options.Namespace;
        try
        {
            await client.WorkflowService.DescribeNamespaceAsync(
                new DescribeNamespaceRequest { Namespace = name },
                new RpcOptions { Retry = false, Timeout = CheckTimeout, CancellationToken = cancellationToken });
        }
        catch (Temporalio.Exceptions.RpcException e) when (e.Code == Temporalio.Exceptions.RpcException.StatusCode.NotFound)
        {
            throw new CliException($"the Temporal server at {address} has no namespace '{name}' ({TemporalSettings.NamespaceVariable} names it).", ExitCodes.Failed, e);
        }
    }

    private TimeSpan Left(long began, TimeSpan patience)
    {
        var left = patience - time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    [LoggerMessage(LogLevel.Information, "Waiting for the Temporal server at {Address}: {Reason}")]
    private partial void LogWaiting(string address, string reason);
}
