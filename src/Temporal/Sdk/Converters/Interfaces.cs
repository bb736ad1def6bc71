using System.Diagnostics.CodeAnalysis;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Converters;

/// <summary>Converts values to payloads and back. Runs inside workflows, so it must be deterministic.</summary>
public interface IPayloadConverter
{
    /// <summary>Converts a value.</summary>
    /// <param name="value">Value.</param>
    Payload ToPayload(object? value);

    /// <summary>Converts a payload.</summary>
    /// <param name="payload">Payload.</param>
    /// <param name="type">Type wanted.</param>
    object? ToValue(Payload payload, Type type);
}

/// <summary>Converts between exceptions and failures. Runs inside workflows, so it must be deterministic.</summary>
public interface IFailureConverter
{
    /// <summary>Converts an exception. Must not throw.</summary>
    /// <param name="exception">Exception.</param>
    /// <param name="payloadConverter">Converts details.</param>
    Failure ToFailure(Exception exception, IPayloadConverter payloadConverter);

    /// <summary>Converts a failure. Must not throw.</summary>
    /// <param name="failure">Failure.</param>
    /// <param name="payloadConverter">Converts details.</param>
    Exception ToException(Failure failure, IPayloadConverter payloadConverter);
}

/// <summary>Transforms payloads on their way to and from the server: compression, encryption. Runs outside workflows.</summary>
public interface IPayloadCodec
{
    /// <summary>Encodes payloads; must not change the given ones.</summary>
    /// <param name="payloads">As converted.</param>
    /// <returns>As the server is to see them; the number may differ.</returns>
    Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads);

    /// <summary>Decodes payloads; must not change the given ones.</summary>
    /// <param name="payloads">As the server holds them.</param>
    /// <returns>As converted.</returns>
    Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads);
}

/// <summary>Converts the values of one encoding.</summary>
public interface IEncodingConverter
{
    /// <summary>Name of the encoding, found in the payload's metadata.</summary>
    string Encoding { get; }

    /// <summary>Converts a value if it is of this encoding's kind.</summary>
    /// <param name="value">Value.</param>
    /// <param name="payload">Payload with the encoding in its metadata.</param>
    /// <returns>False to let the next encoding try.</returns>
    bool TryToPayload(object? value, [NotNullWhen(true)] out Payload? payload);

    /// <summary>Converts a payload of this encoding.</summary>
    /// <param name="payload">Payload.</param>
    /// <param name="type">Type wanted.</param>
    object? ToValue(Payload payload, Type type);
}

/// <summary>Can be made specific to what is being serialized: a converter or codec.</summary>
/// <typeparam name="TResult">Type of the specific one.</typeparam>
public interface IWithSerializationContext<out TResult>
{
    /// <summary>The one for a context; called often, so it should be cheap.</summary>
    /// <param name="context">What is being serialized.</param>
    TResult WithSerializationContext(ISerializationContext context);
}

/// <summary>A value that is left as its payload.</summary>
public interface IRawValue
{
    /// <summary>The payload, already decoded by the codec.</summary>
    Payload Payload { get; }
}

/// <summary>A value that is left as its payload, still encoded by the codec.</summary>
public interface IEncodedRawValue
{
    /// <summary>The payload as the server holds it.</summary>
    Payload Payload { get; }

    /// <summary>Decodes and converts.</summary>
    /// <typeparam name="TValue">Type wanted.</typeparam>
    Task<TValue> ToValueAsync<TValue>();

    /// <summary>Decodes and converts.</summary>
    /// <param name="type">Type wanted.</param>
    Task<object?> ToValueAsync(Type type);
}

/// <summary>Stands for a type by another one that converts well.</summary>
public interface ITemporalTransferTypeConverter
{
    /// <summary>The type that goes through the payload converter.</summary>
    Type TransferType { get; }

    /// <summary>Makes the transfer value.</summary>
    /// <param name="value">Value of the marked type.</param>
    object? ToTransferType(object? value);

    /// <summary>Makes the value again.</summary>
    /// <param name="transferType">Transfer value.</param>
    object? FromTransferType(object? transferType);
}
