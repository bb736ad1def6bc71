namespace Temporalio.Converters;

/// <summary>How values and exceptions cross the wire. Clients and workers of one system must agree on it.</summary>
/// <param name="PayloadConverter">Converts values; runs inside workflows.</param>
/// <param name="FailureConverter">Converts exceptions; runs inside workflows.</param>
/// <param name="PayloadCodec">Encodes payloads; runs outside workflows.</param>
public record DataConverter(
    IPayloadConverter PayloadConverter,
    IFailureConverter FailureConverter,
    IPayloadCodec? PayloadCodec = null)
{
    /// <summary>JSON for values, plain failures, no codec.</summary>
    public static DataConverter Default { get; } = new(new DefaultPayloadConverter(), new DefaultFailureConverter());

    /// <summary>The converter for a context: each part that can be is made specific to it.</summary>
    /// <param name="context">What is being serialized.</param>
    public DataConverter WithSerializationContext(ISerializationContext context)
    {
        var payloadConverter = Specific(PayloadConverter, context);
        var failureConverter = Specific(FailureConverter, context);
        var payloadCodec = PayloadCodec is null ? null : Specific(PayloadCodec, context);
        return ReferenceEquals(payloadConverter, PayloadConverter)
            && ReferenceEquals(failureConverter, FailureConverter)
            && ReferenceEquals(payloadCodec, PayloadCodec)
            ? this
            : this with { PayloadConverter = payloadConverter, FailureConverter = failureConverter, PayloadCodec = payloadCodec };
    }

    private static T Specific<T>(T part, ISerializationContext context)
        where T : class =>
        part is IWithSerializationContext<T> withContext ? withContext.WithSerializationContext(context) : part;
}
