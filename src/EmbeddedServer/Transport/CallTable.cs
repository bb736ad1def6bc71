using Google.Protobuf;
using Google.Protobuf.Reflection;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>The calls that the server answers, by path (<c>/package.Service/Method</c>); transports read it.</summary>
internal sealed class CallTable
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>One call of a service.</summary>
    public sealed record Entry(MethodDescriptor Method, Func<IMessage, CallContext, Task<IMessage>> Handler)
    {
        /// <summary>How far the server answers it as Temporal's does.</summary>
        public CallSupport Support { get; init; } = CallSupport.Works;
    }

    public IReadOnlyDictionary<string, Entry> Entries => entries;

    /// <summary>Full names of the services that it knows.</summary>
    public IEnumerable<string> Services => entries.Values.Select(entry => entry.Method.Service.FullName).Distinct(StringComparer.Ordinal);

    /// <summary>Gives a method its handler.</summary>
    /// <exception cref="ArgumentException">The service has no such method, the types do not fit, or it has a handler already.</exception>
    public CallTable Map<TRequest, TResponse>(
        ServiceDescriptor service, string method, Func<TRequest, CallContext, Task<TResponse>> handler, CallSupport? support = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var descriptor = service.FindMethodByName(method) ?? throw new ArgumentException($"{service.FullName} has no method {method}", nameof(method));
        if (descriptor.InputType.ClrType != typeof(TRequest) || descriptor.OutputType.ClrType != typeof(TResponse))
        {
            throw new ArgumentException($"{descriptor.FullName} is not a call from {typeof(TRequest).Name} to {typeof(TResponse).Name}", nameof(handler));
        }

        var entry = new Entry(descriptor, async (request, context) => await handler((TRequest)request, context).ConfigureAwait(false))
        {
            Support = support ?? CallSupport.Works,
        };
        return entries.TryAdd(PathOf(descriptor), entry)
            ? this
            : throw new ArgumentException($"{descriptor.FullName} has a handler already", nameof(method));
    }

    /// <summary>Gives every method of a service that has no handler yet the same one, which gets to know the method and refuses it.</summary>
    public CallTable MapRest(ServiceDescriptor service, Func<MethodDescriptor, IMessage, CallContext, Task<IMessage>> handler)
    {
        foreach (var method in service.Methods)
        {
            entries.TryAdd(PathOf(method), new Entry(method, (request, context) => handler(method, request, context)) { Support = CallSupport.Refused });
        }

        return this;
    }

    /// <summary>The same calls, each behind a gate, which answers them or refuses to.</summary>
    public CallTable Behind(Func<Entry, IMessage, CallContext, Task<IMessage>> gate)
    {
        var gated = new CallTable();
        foreach (var (path, entry) in entries)
        {
            gated.entries.Add(path, entry with { Handler = (request, context) => gate(entry, request, context) });
        }

        return gated;
    }

    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";
}
