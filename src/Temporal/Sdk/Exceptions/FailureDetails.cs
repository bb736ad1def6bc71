using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Temporalio.Exceptions;

/// <summary>The values that travel with a failure.</summary>
public interface IFailureDetails
{
    /// <summary>How many values there are.</summary>
    int Count { get; }

    /// <summary>Reads one value.</summary>
    /// <typeparam name="T">Type to convert to.</typeparam>
    /// <param name="index">Zero-based.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such value.</exception>
    T? ElementAt<T>(int index);
}

/// <summary>Details of a failure made in this process, as they were given.</summary>
/// <param name="Details">The values.</param>
public record OutboundFailureDetails(IReadOnlyCollection<object?> Details) : IFailureDetails
{
    /// <inheritdoc/>
    public int Count => Details.Count;

    /// <inheritdoc/>
    public T? ElementAt<T>(int index) => (T?)Details.ElementAt(index);
}

/// <summary>Details of a failure that came over the wire; converted when asked for.</summary>
/// <param name="Converter">Converts the payloads.</param>
/// <param name="Payloads">The values as received, already decoded by the codec.</param>
public record InboundFailureDetails(IPayloadConverter Converter, IReadOnlyCollection<Payload> Payloads) : IFailureDetails
{
    /// <inheritdoc/>
    public int Count => Payloads.Count;

    /// <inheritdoc/>
    public T? ElementAt<T>(int index) => Converter.ToValue<T>(Payloads.ElementAt(index));
}
