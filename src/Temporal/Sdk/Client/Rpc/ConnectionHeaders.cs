using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Temporalio.Client.Rpc;

/// <summary>The headers that calls of one connection carry.</summary>
internal sealed class ConnectionHeaders(TemporalConnectionOptions options)
{
    private static readonly ConcurrentDictionary<MessageDescriptor, FieldDescriptor?> NamespaceFields = new();

    private volatile IReadOnlyCollection<KeyValuePair<string, string>> metadata = options.RpcMetadata ?? [];
    private volatile IReadOnlyCollection<KeyValuePair<string, byte[]>> binaryMetadata = options.RpcBinaryMetadata ?? [];
    private volatile string? apiKey = options.ApiKey;

    public IReadOnlyCollection<KeyValuePair<string, string>> Metadata
    {
        get => metadata;
        set => metadata = value;
    }

    public IReadOnlyCollection<KeyValuePair<string, byte[]>> BinaryMetadata
    {
        get => binaryMetadata;
        set => binaryMetadata = value;
    }

    public string? ApiKey
    {
        get => apiKey;
        set => apiKey = value;
    }

    /// <summary>Headers of one call: the call's own win over the connection's, and both over ours.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> For(IMessage request, RpcOptions? call)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["client-name"] = SdkIdentity.Name,
            ["client-version"] = SdkIdentity.Version,
        };
        if (NamespaceOf(request) is { Length: > 0 } name)
        {
            headers["temporal-namespace"] = name;
        }

        if (ApiKey is { } key)
        {
            headers["authorization"] = $"Bearer {key}";
        }

        Add(headers, Metadata, BinaryMetadata);
        Add(headers, call?.Metadata, call?.BinaryMetadata);
        return headers;
    }

    private static void Add(
        Dictionary<string, string> headers,
        IReadOnlyCollection<KeyValuePair<string, string>>? text,
        IReadOnlyCollection<KeyValuePair<string, byte[]>>? binary)
    {
        foreach (var (name, value) in text ?? [])
        {
            headers[name.ToLowerInvariant()] = value;
        }

        foreach (var (name, value) in binary ?? [])
        {
            if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"Binary header '{name}' must end in '-bin'", nameof(binary));
            }

            headers[name.ToLowerInvariant()] = Convert.ToBase64String(value);
        }
    }

    private static string? NamespaceOf(IMessage request) =>
        NamespaceFields.GetOrAdd(request.Descriptor, d => d.FindFieldByName("namespace") is { FieldType: FieldType.String } f ? f : null)
            ?.Accessor.GetValue(request) as string;
}
