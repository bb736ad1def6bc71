using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Client.Rpc;

namespace Temporalio.Client;

/// <summary>Raw calls to one gRPC service.</summary>
public abstract class RpcService
{
    private protected abstract ServiceDescriptor Descriptor { get; }

    /// <summary>Name of the service on the wire.</summary>
    internal string FullName => Descriptor.FullName;

    /// <summary>Makes a call.</summary>
    /// <typeparam name="T">Type of the response.</typeparam>
    /// <param name="rpc">Name of the method.</param>
    /// <param name="req">Request.</param>
    /// <param name="resp">Parser of the response.</param>
    /// <param name="options">Options.</param>
    protected abstract Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null)
        where T : IMessage<T>;

    private protected Task<T> InvokeRpcAsync<T>(
        TemporalConnection connection, string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options)
        where T : IMessage<T> =>
        connection.CallAsync(RpcMethods.Find(Descriptor, rpc), req, resp, options);
}

/// <summary>Raw calls to the workflow service.</summary>
public abstract partial class WorkflowService : RpcService
{
    private protected override ServiceDescriptor Descriptor => RpcMethods.Workflow;

    /// <summary>The service over a connection.</summary>
    public class Core : WorkflowService
    {
        private readonly TemporalConnection connection;

        /// <summary>Makes one.</summary>
        /// <param name="connection">Connection.</param>
        public Core(TemporalConnection connection) => this.connection = connection;

        /// <inheritdoc/>
        protected override Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null) =>
            InvokeRpcAsync(connection, rpc, req, resp, options);
    }
}

/// <summary>Raw calls to the operator service.</summary>
public abstract partial class OperatorService : RpcService
{
    private protected override ServiceDescriptor Descriptor => RpcMethods.Operator;

    /// <summary>The service over a connection.</summary>
    public class Core : OperatorService
    {
        private readonly TemporalConnection connection;

        /// <summary>Makes one.</summary>
        /// <param name="connection">Connection.</param>
        public Core(TemporalConnection connection) => this.connection = connection;

        /// <inheritdoc/>
        protected override Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null) =>
            InvokeRpcAsync(connection, rpc, req, resp, options);
    }
}

/// <summary>Raw calls to the test service, which only test servers have.</summary>
public abstract partial class TestService : RpcService
{
    private protected override ServiceDescriptor Descriptor => RpcMethods.Test;

    /// <summary>The service over a connection.</summary>
    public class Core : TestService
    {
        private readonly TemporalConnection connection;

        /// <summary>Makes one.</summary>
        /// <param name="connection">Connection.</param>
        public Core(TemporalConnection connection) => this.connection = connection;

        /// <inheritdoc/>
        protected override Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null) =>
            InvokeRpcAsync(connection, rpc, req, resp, options);
    }
}
