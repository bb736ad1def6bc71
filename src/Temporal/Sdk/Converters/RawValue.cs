using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>A value that is left as its payload.</summary>
/// <param name="Payload">The payload, already decoded by the codec.</param>
public record RawValue(Payload Payload) : IRawValue;

/// <summary>A value that is left as its payload, still encoded by the codec.</summary>
/// <param name="DataConverter">Decodes and converts.</param>
/// <param name="Payload">The payload as the server holds it.</param>
public record EncodedRawValue(DataConverter DataConverter, Payload Payload) : IEncodedRawValue
{
    /// <inheritdoc/>
    public Task<TValue> ToValueAsync<TValue>() => DataConverter.ToValueAsync<TValue>(Payload);

    /// <inheritdoc/>
    public Task<object?> ToValueAsync(Type type) => DataConverter.ToValueAsync(Payload, type);
}
