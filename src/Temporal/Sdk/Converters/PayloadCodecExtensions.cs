using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Converters;

/// <summary>Applies codecs to single payloads and to failures.</summary>
public static class PayloadCodecExtensions
{
    /// <summary>Encodes one payload.</summary>
    /// <param name="codec">Codec.</param>
    /// <param name="payload">Payload.</param>
    public static async Task<Payload> EncodeSingleAsync(this IPayloadCodec codec, Payload payload) =>
        (await codec.EncodeAsync([payload]).ConfigureAwait(false)).Single();

    /// <summary>Decodes one payload.</summary>
    /// <param name="codec">Codec.</param>
    /// <param name="payload">Payload.</param>
    public static async Task<Payload> DecodeSingleAsync(this IPayloadCodec codec, Payload payload) =>
        (await codec.DecodeAsync([payload]).ConfigureAwait(false)).Single();

    /// <summary>Encodes a failure's payloads in place, its causes' too.</summary>
    /// <param name="codec">Codec.</param>
    /// <param name="failure">Failure.</param>
    public static Task EncodeFailureAsync(this IPayloadCodec codec, Failure failure) => ApplyAsync(failure, codec.EncodeAsync);

    /// <summary>Decodes a failure's payloads in place, its causes' too.</summary>
    /// <param name="codec">Codec.</param>
    /// <param name="failure">Failure.</param>
    public static Task DecodeFailureAsync(this IPayloadCodec codec, Failure failure) => ApplyAsync(failure, codec.DecodeAsync);

    private static async Task ApplyAsync(
        Failure failure, Func<IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> code)
    {
        for (var current = failure; current is not null; current = current.Cause)
        {
            if (current.EncodedAttributes is { } attributes)
            {
                current.EncodedAttributes = (await code([attributes]).ConfigureAwait(false)).Single();
            }

            var details = current.FailureInfoCase switch
            {
                Failure.FailureInfoOneofCase.ApplicationFailureInfo => current.ApplicationFailureInfo.Details,
                Failure.FailureInfoOneofCase.CanceledFailureInfo => current.CanceledFailureInfo.Details,
                Failure.FailureInfoOneofCase.TimeoutFailureInfo => current.TimeoutFailureInfo.LastHeartbeatDetails,
                Failure.FailureInfoOneofCase.ResetWorkflowFailureInfo => current.ResetWorkflowFailureInfo.LastHeartbeatDetails,
                _ => null,
            };
            if (details is { Payloads_.Count: > 0 })
            {
                Replace(details.Payloads_, await code(details.Payloads_).ConfigureAwait(false));
            }
        }
    }

    private static void Replace(RepeatedField<Payload> field, IReadOnlyCollection<Payload> payloads)
    {
        // The codec may have returned a view of the field itself.
        var copy = payloads.ToArray();
        field.Clear();
        field.AddRange(copy);
    }
}
