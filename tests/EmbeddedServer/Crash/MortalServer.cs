using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Onramp.EmbeddedServer.Tests.Support;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// A server in a process of its own, on one file and one port, that is killed and started again. Calls go to whichever lives: one that
/// finds nobody, or loses its server before the answer, waits for the next start and is made again.
/// </summary>
internal sealed class MortalServer(string path) : IAsyncDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _answers = new(0);
    private TaskCompletionSource<Life> _life = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _port = "0";

    public int Restarts { get; private set; }

    public async Task StartAsync()
    {
        var process = VictimProcess.Start(Victim.Serve, path, _port);
        var address = await process.ReadLineAsync() ?? throw new InvalidOperationException("The server ended before it listened.");
        _port = IPEndPoint.Parse(address).Port.ToString(CultureInfo.InvariantCulture);
        _life.SetResult(new Life(process, Rpc.Channel(address)));
    }

    public async Task KillAndRestartAsync()
    {
        var life = await _life.Task;
        _life = new TaskCompletionSource<Life>(TaskCreationOptions.RunContinuationsAsynchronously);
        await life.EndAsync();
        Restarts++;
        await StartAsync();
    }

    /// <summary>Waits until so many more calls have been answered.</summary>
    public async Task WaitForAnswersAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _answers.WaitAsync();
        }
    }

    /// <summary>Makes a call until a living server answers it.</summary>
    /// <exception cref="RepeatedCallException">Refused, after a server died over an earlier try: what that did is not known.</exception>
    public async Task<TResponse> CallAsync<TResponse>(IMessage request, CancellationToken cancellationToken)
        where TResponse : IMessage<TResponse>
    {
        for (var repeated = false; ; repeated = true)
        {
            var life = await _life.Task.WaitAsync(cancellationToken);
            try
            {
                var response = await life.Channel.CallAsync<TResponse>(request, new CallOptions(deadline: DateTime.UtcNow + PollTimeout, cancellationToken: cancellationToken));
                _answers.Release();
                return response;
            }
            catch (RpcException failure) when (failure.StatusCode == StatusCode.DeadlineExceeded)
            {
                // A poll that found nothing in its time.
            }
            catch (RpcException failure) when (failure.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled)
            {
                // Only death excuses a server that doesn't answer.
                await life.Ended.Task.WaitAsync(cancellationToken);
            }
            catch (RpcException refusal) when (repeated)
            {
                throw new RepeatedCallException(refusal);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_life.Task.IsCompletedSuccessfully)
        {
            await (await _life.Task).EndAsync();
        }

        _answers.Dispose();
    }

    /// <summary>One start of the server, until it is killed.</summary>
    private sealed record Life(VictimProcess Process, GrpcChannel Channel)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task EndAsync()
        {
            await Process.DisposeAsync();
            Ended.TrySetResult();
            Channel.Dispose();
        }
    }
}

/// <summary>A call was refused that had been made before, to a server that died over it: it may have been carried out then.</summary>
internal sealed class RepeatedCallException(RpcException refusal) : Exception(refusal.Status.Detail, refusal)
{
    public StatusCode Code => refusal.StatusCode;
}
