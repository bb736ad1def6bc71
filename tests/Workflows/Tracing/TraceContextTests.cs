using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Onramp.Workflows.Tracing;
using Temporalio.Api.Common.V1;

namespace Onramp.Workflows.Tests.Tracing;

/// <summary>The header that carries a trace.</summary>
public sealed class TraceContextTests
{
    private static readonly ActivityContext Some = new(
        ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("b7ad6b7169203331"), ActivityTraceFlags.Recorded, "vendor=1", isRemote: true);

    [Fact]
    public void It_is_the_json_object_that_temporals_own_sdks_read() =>
        TraceContext.Write(Some).Data.ToStringUtf8().ShouldBe("""{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"vendor=1"}""");

    [Fact]
    public void What_was_written_is_read()
    {
        TraceContext.TryRead(Header(TraceContext.Write(Some)), out var read).ShouldBeTrue();

        read.ShouldBe(Some);
    }

    [Fact]
    public void A_trace_state_longer_than_the_standard_allows_is_left_behind()
    {
        var longer = new ActivityContext(Some.TraceId, Some.SpanId, Some.TraceFlags, $"vendor={new string('x', 600)}");

        TraceContext.Write(longer).Data.ToStringUtf8().ShouldNotContain("tracestate");
    }

    [Theory]
    [InlineData("json/plain", "{}")]
    [InlineData("json/plain", "[1]")]
    [InlineData("json/plain", "{\"traceparent\":\"nonsense\"}")]
    [InlineData("json/plain", "{\"traceparent\":1}")]
    [InlineData("json/plain", "not json")]
    [InlineData("binary/secret", "{}")]
    public void What_makes_no_sense_is_no_context_and_no_error(string encoding, string data) =>
        TraceContext.TryRead(Header(new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) }, Data = ByteString.CopyFrom(data, Encoding.UTF8) }), out _).ShouldBeFalse();

    private static Dictionary<string, Payload> Header(Payload payload) => new(StringComparer.Ordinal) { [TraceContext.Header] = payload };
}
