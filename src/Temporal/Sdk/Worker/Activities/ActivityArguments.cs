using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Activities;

/// <summary>An activity's input as the arguments of its method.</summary>
internal static class ActivityArguments
{
    /// <exception cref="ApplicationFailureException">The input does not fit the method.</exception>
    public static async Task<object?[]> DecodeAsync(ActivityDefinition definition, DataConverter converter, Payloads? input)
    {
        IReadOnlyCollection<Payload> payloads = input?.Payloads_ ?? [];
        try
        {
            if (converter.PayloadCodec is { } codec && payloads.Count > 0)
            {
                payloads = await codec.DecodeAsync(payloads).ConfigureAwait(false);
            }

            if (definition.Dynamic)
            {
                return [payloads.Select(IRawValue (payload) => new RawValue(payload)).ToArray()];
            }

            // A caller may be newer and send more than is known here.
            var values = payloads.Zip(definition.ParameterTypes, converter.PayloadConverter.ToValue).ToArray();
            if (values.Length >= definition.RequiredParameterCount)
            {
                return values;
            }
        }
        catch (Exception e) when (e is not ApplicationFailureException)
        {
            throw new ApplicationFailureException("Failed decoding activity arguments", e);
        }

        throw new ApplicationFailureException(
            $"Activity {definition.Name} given {payloads.Count} argument(s), but requires {definition.RequiredParameterCount}");
    }

    /// <summary>Headers for the interceptors; null if there are none.</summary>
    public static async Task<IReadOnlyDictionary<string, Payload>?> DecodeHeadersAsync(DataConverter converter, Header? header)
    {
        if (header is null || header.Fields.Count == 0)
        {
            return null;
        }

        if (converter.PayloadCodec is not { } codec)
        {
            return header.Fields;
        }

        var decoded = new Dictionary<string, Payload>(StringComparer.Ordinal);
        foreach (var (name, payload) in header.Fields)
        {
            decoded[name] = await codec.DecodeSingleAsync(payload).ConfigureAwait(false);
        }

        return decoded;
    }
}
