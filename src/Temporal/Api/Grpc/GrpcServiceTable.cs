using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.Grpc;

/// <summary>
/// The unary calls that a server answers, by path (<c>/package.Service/Method</c>). Every method of a registered service that
/// has no handler answers UNIMPLEMENTED by name.
/// </summary>
public sealed class GrpcServiceTable
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>One call of a service.</summary>
    /// <param name="Method">Its descriptor.</param>
    /// <param name="Handler">Answers it; null when it is not implemented.</param>
    public sealed record Entry(MethodDescriptor Method, Func<IMessage, GrpcCallContext, Task<IMessage>>? Handler);

    public IReadOnlyDictionary<string, Entry> Entries => entries;

    /// <summary>Makes all methods of a service known, unimplemented until <see cref="Map{TRequest,TResponse}"/> names them.</summary>
    public GrpcServiceTable AddService(ServiceDescriptor service)
    {
        foreach (var method in service.Methods)
        {
            entries.TryAdd(PathOf(method), new Entry(method, Handler: null));
        }

        return this;
    }

    /// <summary>Gives a method of an added service its handler.</summary>
    /// <exception cref="ArgumentException">The service has no such method, the types do not fit, or it has a handler already.</exception>
    public GrpcServiceTable Map<TRequest, TResponse>(ServiceDescriptor service, string method, Func<TRequest, GrpcCallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var descriptor = service.FindMethodByName(method) ?? throw new ArgumentException($"{service.FullName} has no method {method}", nameof(method));
        if (descriptor.InputType.ClrType != typeof(TRequest) || descriptor.OutputType.ClrType != typeof(TResponse))
        {
            throw new ArgumentException($"{descriptor.FullName} is not a call from {typeof(TRequest).Name} to {typeof(TResponse).Name}", nameof(handler));
        }

        var path = PathOf(descriptor);
        if (entries.TryGetValue(path, out var existing) && existing.Handler is not null)
        {
            throw new ArgumentException($"{descriptor.FullName} has a handler already", nameof(method));
        }

        entries[path] = new Entry(descriptor, async (request, context) => await handler((TRequest)request, context).ConfigureAwait(false));
        return this;
    }

    /// <summary>Gives every method of a service that has no handler yet the same one, which gets to know the method.</summary>
    public GrpcServiceTable MapRest(ServiceDescriptor service, Func<MethodDescriptor, IMessage, GrpcCallContext, Task<IMessage>> handler)
    {
        foreach (var method in service.Methods)
        {
            var path = PathOf(method);
            if (!entries.TryGetValue(path, out var existing) || existing.Handler is null)
            {
                entries[path] = new Entry(method, (request, context) => handler(method, request, context));
            }
        }

        return this;
    }

    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";
}
