using System.Diagnostics;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Onramp.Workflows.Tracing;

/// <summary>
/// A trace's context in a Temporal header: W3C <c>traceparent</c> and <c>tracestate</c> as a JSON object, under the name that Temporal's
/// own SDKs use. So a step written in another language joins the same trace.
/// </summary>
public static class TraceContext
{
    public const string Header = "_tracer-data";

    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    /// <summary>W3C's own limit; a longer one is the caller's, and needn't be kept in every event.</summary>
    private const int MaxTraceStateLength = 512;

    /// <summary>Never the client's own converter: what others must read isn't encrypted or renamed.</summary>
    private static readonly IPayloadConverter Converter = DataConverter.Default.PayloadConverter;

    /// <summary>The context as a header's value.</summary>
    public static Payload Write(ActivityContext context)
    {
        var sampled = context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00";
        var carrier = new Dictionary<string, string>(StringComparer.Ordinal) { [TraceParent] = $"00-{context.TraceId}-{context.SpanId}-{sampled}" };
        if (context.TraceState is { Length: > 0 and <= MaxTraceStateLength })
            carrier[TraceState] = context.TraceState;
        return Converter.ToPayload(carrier);
    }

    /// <summary>Reads a header; false when there is none, or none that makes sense: a foreign header never fails a run.</summary>
    public static bool TryRead(IReadOnlyDictionary<string, Payload>? headers, out ActivityContext context)
    {
        context = default;
        if (headers is null || !headers.TryGetValue(Header, out var payload))
            return false;
        try
        {
            var carrier = Converter.ToValue<Dictionary<string, string>>(payload);
            return carrier is not null && carrier.TryGetValue(TraceParent, out var parent)
                && ActivityContext.TryParse(parent, carrier.GetValueOrDefault(TraceState), isRemote: true, out context);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
