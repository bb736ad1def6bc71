using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Converters;

/// <summary>Shorthands: conversion and codec in one step, typed results.</summary>
public static class ConverterExtensions
{
    /// <summary>Converts a payload.</summary>
    /// <typeparam name="T">Type wanted.</typeparam>
    /// <param name="converter">Converter.</param>
    /// <param name="payload">Payload.</param>
    public static T? ToValue<T>(this IPayloadConverter converter, Payload payload) => (T?)converter.ToValue(payload, typeof(T));

    /// <summary>Converts a raw value.</summary>
    /// <typeparam name="T">Type wanted.</typeparam>
    /// <param name="converter">Converter.</param>
    /// <param name="rawValue">Raw value.</param>
    public static T? ToValue<T>(this IPayloadConverter converter, IRawValue rawValue) => converter.ToValue<T>(rawValue.Payload);

    /// <summary>Converts a value to a raw one.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="value">Value.</param>
    public static RawValue ToRawValue(this IPayloadConverter converter, object? value) => new(converter.ToPayload(value));

    /// <summary>Converts values.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="values">Values.</param>
    public static IReadOnlyCollection<Payload> ToPayloads(this IPayloadConverter converter, IReadOnlyCollection<object?> values) =>
        [.. values.Select(converter.ToPayload)];

    /// <summary>Converts and encodes a value.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="value">Value.</param>
    public static async Task<Payload> ToPayloadAsync(this DataConverter converter, object? value)
    {
        var payload = converter.PayloadConverter.ToPayload(value);
        return converter.PayloadCodec is null ? payload : await converter.PayloadCodec.EncodeSingleAsync(payload).ConfigureAwait(false);
    }

    /// <summary>Converts and encodes values.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="values">Values.</param>
    public static async Task<IReadOnlyCollection<Payload>> ToPayloadsAsync(
        this DataConverter converter, IReadOnlyCollection<object?> values)
    {
        var payloads = converter.PayloadConverter.ToPayloads(values);
        return converter.PayloadCodec is null || payloads.Count == 0
            ? payloads
            : await converter.PayloadCodec.EncodeAsync(payloads).ConfigureAwait(false);
    }

    /// <summary>Decodes and converts a payload.</summary>
    /// <typeparam name="T">Type wanted.</typeparam>
    /// <param name="converter">Converter.</param>
    /// <param name="payload">Payload.</param>
    public static async Task<T> ToValueAsync<T>(this DataConverter converter, Payload payload) =>
        (T)(await converter.ToValueAsync(payload, typeof(T)).ConfigureAwait(false))!;

    /// <summary>Decodes and converts a payload.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="payload">Payload.</param>
    /// <param name="type">Type wanted.</param>
    public static async Task<object?> ToValueAsync(this DataConverter converter, Payload payload, Type type)
    {
        if (converter.PayloadCodec is not null)
        {
            payload = await converter.PayloadCodec.DecodeSingleAsync(payload).ConfigureAwait(false);
        }

        return converter.PayloadConverter.ToValue(payload, type);
    }

    /// <summary>Decodes and converts what must be exactly one payload.</summary>
    /// <typeparam name="T">Type wanted.</typeparam>
    /// <param name="converter">Converter.</param>
    /// <param name="payloads">Payloads.</param>
    /// <exception cref="InvalidOperationException">There are none or several.</exception>
    public static async Task<T> ToSingleValueAsync<T>(this DataConverter converter, IReadOnlyCollection<Payload> payloads) =>
        (T)(await converter.ToSingleValueAsync(payloads, typeof(T)).ConfigureAwait(false))!;

    /// <summary>Decodes and converts what must be exactly one payload.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="payloads">Payloads.</param>
    /// <param name="type">Type wanted.</param>
    /// <exception cref="InvalidOperationException">There are none or several.</exception>
    public static async Task<object?> ToSingleValueAsync(
        this DataConverter converter, IReadOnlyCollection<Payload> payloads, Type type)
    {
        if (converter.PayloadCodec is not null)
        {
            payloads = await converter.PayloadCodec.DecodeAsync(payloads).ConfigureAwait(false);
        }

        return payloads.Count == 1
            ? converter.PayloadConverter.ToValue(payloads.First(), type)
            : throw new InvalidOperationException($"Expected exactly one payload, got {payloads.Count}");
    }

    /// <summary>Converts and encodes an exception.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="exc">Exception.</param>
    public static async Task<Failure> ToFailureAsync(this DataConverter converter, Exception exc)
    {
        var failure = converter.FailureConverter.ToFailure(exc, converter.PayloadConverter);
        if (converter.PayloadCodec is not null)
        {
            await converter.PayloadCodec.EncodeFailureAsync(failure).ConfigureAwait(false);
        }

        return failure;
    }

    /// <summary>Decodes and converts a failure.</summary>
    /// <param name="converter">Converter.</param>
    /// <param name="failure">Failure; not changed.</param>
    public static async Task<Exception> ToExceptionAsync(this DataConverter converter, Failure failure)
    {
        if (converter.PayloadCodec is not null)
        {
            failure = failure.Clone();
            await converter.PayloadCodec.DecodeFailureAsync(failure).ConfigureAwait(false);
        }

        return converter.FailureConverter.ToException(failure, converter.PayloadConverter);
    }
}
