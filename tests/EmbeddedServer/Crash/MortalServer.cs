using System.Globalization;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// A server in a process of its own, on one file and one port, that is killed and started again. Calls go to whichever lives: one that
/// finds nobody, or loses its server before the answer, waits for the next start and is made again.
/// </summary>
internal sealed class MortalServer(string path) : IAsyncDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(20);
    private static readonly ServiceDescriptor Service = ServiceReflection.Descriptor.FindTypeByName<ServiceDescriptor>("WorkflowService");

    private readonly SemaphoreSlim _answers = new(0);
    private TaskCompletionSource<Life> _life = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _port = "0";

    public int Restarts { get; private set; }

    public async Task StartAsync()
    {
        var process = VictimProcess.Start(Victim.Serve, path, _port);
        var address = await process.ReadLineAsync() ?? throw new InvalidOperationException("The server ended before it listened.");
        _port = IPEndPoint.Parse(address).Port.ToString(CultureInfo.InvariantCulture);
        _life.SetResult(new Life(process, new GrpcChannel(address)));
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
    public async Task<TResponse> CallAsync<TRequest, TResponse>(TRequest request, MessageParser<TResponse> parser, CancellationToken cancellationToken)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        var method = Service.FindMethodByName(request.Descriptor.Name[..^"Request".Length]);
        for (var repeated = false; ; repeated = true)
        {
            var life = await _life.Task.WaitAsync(cancellationToken);
            try
            {
                var response = await life.Channel.UnaryAsync(method, request, parser, new GrpcCallOptions(null, PollTimeout, cancellationToken));
                _answers.Release();
                return response;
            }
            catch (RefusalException failure) when (failure.Code == StatusCode.DeadlineExceeded)
            {
                // A poll that found nothing in its time.
            }
            catch (RefusalException failure) when (failure.Code is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled)
            {
                // Only death excuses a server that doesn't answer.
                await life.Ended.Task.WaitAsync(cancellationToken);
            }
            catch (RefusalException refusal) when (repeated)
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
internal sealed class RepeatedCallException(RefusalException refusal) : Exception(refusal.Message, refusal)
{
    public StatusCode Code => refusal.Code;
}
