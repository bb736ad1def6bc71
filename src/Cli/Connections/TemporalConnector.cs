using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Cli.Connections;

/// <summary>Connects, patiently: in a cluster, parts start in any order.</summary>
internal sealed partial class TemporalConnector(ILogger<TemporalConnector> logger, TimeProvider time)
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    /// <exception cref="CliException">No server answered within <paramref name="patience"/>, or it turned us away.</exception>
    public async Task<ITemporalClient> ConnectAsync(
        TemporalSettings settings, string address, ILoggerFactory loggers, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                var options = settings.ToConnectOptions(address);
                options.LoggerFactory = loggers;
                return await TemporalClient.ConnectAsync(options).WaitAsync(cancellationToken);
            }
            catch (Exception e) when (IsRefusal(e))
            {
                throw new CliException($"the Temporal server at {address} turned us away: {Innermost(e)}", ExitCodes.Failed, e);
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or IOException or HttpRequestException)
            {
                if (time.GetElapsedTime(began) >= patience)
                    throw new CliException($"the Temporal server at {address} can't be reached: {Innermost(e)}", ExitCodes.Failed, e);
                LogWaiting(address);
                await Task.Delay(RetryWait, time, cancellationToken);
            }
        }
    }

    private static bool IsRefusal(Exception? e) =>
        e is RpcException { Code: RpcException.StatusCode.Unauthenticated or RpcException.StatusCode.PermissionDenied }
        || (e?.InnerException is { } inner && IsRefusal(inner));

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return e.Message;
    }

    [LoggerMessage(LogLevel.Information, "Waiting for the Temporal server at {Address}")]
    private partial void LogWaiting(string address);
}
