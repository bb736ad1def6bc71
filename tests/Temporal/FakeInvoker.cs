using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Temporalio.Tests;

/// <summary>A server that answers what the test says. Greetings are answered by themselves.</summary>
internal sealed class FakeInvoker(Func<IMessage, CancellationToken, Task<IMessage>> answer) : IGrpcCallInvoker
{
    private readonly ConcurrentQueue<string> calls = new();
    private readonly Pulse called = new();

    public FakeInvoker(Func<IMessage, IMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    public Dictionary<string, string> LastHeaders { get; private set; } = [];

    public TimeSpan? LastTimeout { get; private set; }

    public int Calls(string method) => calls.Count(c => c == method);

    /// <summary>Waits until a method has been called so many times.</summary>
    public Task WhenCalledAsync(string method, int count) => called.WaitAsync(() => Calls(method) >= count);

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        MethodDescriptor method, TRequest request, MessageParser<TResponse> parser, GrpcCallOptions options)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        calls.Enqueue(method.Name);
        called.Beat();
        if (method.Name == "GetSystemInfo")
        {
            return parser.ParseFrom(ByteString.Empty);
        }

        LastHeaders = options.Metadata!.ToDictionary();
        LastTimeout = options.Timeout;
        return (TResponse)await answer(request, options.CancellationToken);
    }
}
