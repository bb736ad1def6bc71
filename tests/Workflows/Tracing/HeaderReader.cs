using System.Collections.Concurrent;
using System.Diagnostics;
using Onramp.Workflows.Tracing;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Client.Interceptors;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Onramp.Workflows.Tests.Tracing;

/// <summary>
/// Stands where calls leave and reads the traces that they bring. Children, updates and next runs end here: only what they are given
/// is looked at.
/// </summary>
internal sealed class HeaderReader
{
    public ConcurrentDictionary<string, ActivityTraceId> Traces { get; } = new(StringComparer.Ordinal);

    private void Read(string call, IEnumerable<KeyValuePair<string, Payload>>? headers)
    {
        TraceContext.TryRead(headers?.ToDictionary(StringComparer.Ordinal), out var context);
        Traces[call] = context.TraceId;
    }

    internal sealed class Client(ClientOutboundInterceptor next, HeaderReader reader) : ClientOutboundInterceptor(next)
    {
        public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input)
        {
            reader.Read("update", input.Headers);
            return Task.FromResult<WorkflowUpdateHandle<TResult>>(null!);
        }
    }

    internal sealed class Inbound(WorkflowInboundInterceptor next, HeaderReader reader) : WorkflowInboundInterceptor(next)
    {
        public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound, reader));
    }

    private sealed class Outbound(WorkflowOutboundInterceptor next, HeaderReader reader) : WorkflowOutboundInterceptor(next)
    {
        public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input)
        {
            reader.Read("child", input.Headers);
            return Task.FromResult<ChildWorkflowHandle<TWorkflow, TResult>>(null!);
        }

        public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input)
        {
            reader.Read("next run", input.Headers);
            return base.CreateContinueAsNewException(input);
        }
    }
}

/// <summary>Reads what the client sends.</summary>
internal sealed class ClientSide(HeaderReader reader) : IClientInterceptor
{
    public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new HeaderReader.Client(nextInterceptor, reader);
}

/// <summary>Reads what workflows send. On the client too, since workers ask its interceptors first.</summary>
internal sealed class WorkerSide(HeaderReader reader) : IClientInterceptor, IWorkerInterceptor
{
    public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new HeaderReader.Inbound(nextInterceptor, reader);
}
