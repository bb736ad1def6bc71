using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Onramp.Grpc;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Exceptions;

namespace Temporalio.Client.Rpc;

/// <summary>Makes calls: headers, deadlines, retries, and gRPC failures as <see cref="RpcException"/>.</summary>
internal sealed class RpcCaller(
    IGrpcCallInvoker invoker, ConnectionHeaders headers, RpcRetryOptions retryOptions, TimeProvider time, Random random)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    // A server holds a long poll for up to a minute.
    private static readonly TimeSpan LongPollTimeout = TimeSpan.FromSeconds(70);

    /// <summary>Makes one call, retried if the options say so.</summary>
    /// <exception cref="RpcException">The server answered with an error, or could not be reached.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public async Task<T> CallAsync<T>(MethodDescriptor method, IMessage request, MessageParser<T> parser, RpcOptions? options)
        where T : IMessage<T>
    {
        var cancellationToken = options?.CancellationToken ?? CancellationToken.None;
        var timeout = options?.Timeout ?? (IsLongPoll(request) ? LongPollTimeout : DefaultTimeout);
        var backoff = options?.Retry == true ? new RpcBackoff(retryOptions, time, random) : null;
        while (true)
        {
            try
            {
                return await UntypedCall.For(request)
                    .CallAsync(invoker, method, request, parser, new(headers.For(request, options), timeout, cancellationToken))
                    .ConfigureAwait(false);
            }
            catch (GrpcException e)
            {
                if (backoff?.Next(e.Code) is not { } delay)
                {
                    throw ToRpcException(e);
                }

                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsLongPoll(IMessage request) => request switch
    {
        GetWorkflowExecutionHistoryRequest history => history.WaitNewEvent,
        PollWorkflowTaskQueueRequest or PollActivityTaskQueueRequest or PollNexusTaskQueueRequest => true,
        UpdateWorkflowExecutionRequest or PollWorkflowExecutionUpdateRequest or ExecuteMultiOperationRequest => true,
        _ => false,
    };

    private static RpcException ToRpcException(GrpcException e)
    {
        byte[]? rawStatus = null;
        if (e.Details.Count > 0)
        {
            var status = new Api.Common.V1.GrpcStatus { Code = (int)e.Code, Message = e.Message };
            status.Details.AddRange(e.Details);
            rawStatus = status.ToByteArray();
        }

        return new RpcException((RpcException.StatusCode)(int)e.Code, e.Message, rawStatus);
    }

    /// <summary>Bridges messages whose type is known at run time only to the typed invoker.</summary>
    private abstract class UntypedCall
    {
        private static readonly ConcurrentDictionary<Type, UntypedCall> Known = new();

        public static UntypedCall For(IMessage request) =>
            Known.GetOrAdd(request.GetType(), type => (UntypedCall)Activator.CreateInstance(typeof(TypedCall<>).MakeGenericType(type))!);

        public abstract Task<T> CallAsync<T>(
            IGrpcCallInvoker invoker, MethodDescriptor method, IMessage request, MessageParser<T> parser, GrpcCallOptions options)
            where T : IMessage<T>;
    }

    private sealed class TypedCall<TRequest> : UntypedCall
        where TRequest : IMessage<TRequest>
    {
        public override Task<T> CallAsync<T>(
            IGrpcCallInvoker invoker, MethodDescriptor method, IMessage request, MessageParser<T> parser, GrpcCallOptions options) =>
            invoker.UnaryAsync(method, (TRequest)request, parser, options);
    }
}
