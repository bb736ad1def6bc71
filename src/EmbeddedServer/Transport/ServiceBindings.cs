using Google.Protobuf;
using Google.Protobuf.Reflection;
using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Frontend.Cluster;
using Onramp.EmbeddedServer.Frontend.Validation;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>Gives a service's methods their handlers; what is so of every call is checked first.</summary>
internal sealed class ServiceBindings(CallTable table, ServiceDescriptor service)
{
    private const string Suffix = "Request";
    private const string NamespaceField = "namespace";

    /// <summary>Binds the method whose request is <typeparamref name="TRequest"/>: they share their name.</summary>
    /// <param name="handler">What answers it.</param>
    /// <param name="missing">What the call leaves out of what Temporal's does. Default nothing.</param>
    public ServiceBindings Map<TRequest, TResponse>(Func<TRequest, CallContext, Task<TResponse>> handler, string? missing = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Bind(handler, missing is null ? CallSupport.Works : CallSupport.Partly(missing));

    /// <summary>The same for a handler that refuses, in words of its own.</summary>
    public ServiceBindings Refuse<TRequest, TResponse>(Func<TRequest, CallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Bind(handler, CallSupport.Refused);

    private ServiceBindings Bind<TRequest, TResponse>(Func<TRequest, CallContext, Task<TResponse>> handler, CallSupport support)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var method = typeof(TRequest).Name[..^Suffix.Length];
        var names = service.FindMethodByName(method)?.InputType.FindFieldByName(NamespaceField);
        table.Map<TRequest, TResponse>(service, method, (request, context) =>
        {
            if (names?.Accessor.GetValue(request) is string name && Require.IsTooLong(name))
            {
                throw Refusals.InvalidArgument("Namespace length exceeds limit.");
            }

            ClientVersions.Check(context);
            return handler(request, context);
        }, support);
        return this;
    }
}
