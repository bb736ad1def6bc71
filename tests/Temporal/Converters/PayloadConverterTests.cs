using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Temporalio.Tests.Converters;

public class PayloadConverterTests
{
    private static readonly IPayloadConverter Converter = DataConverter.Default.PayloadConverter;

    public static TheoryData<object?, string, string> Values => new()
    {
        { null, "binary/null", string.Empty },
        { new byte[] { 1, 2, 3 }, "binary/plain", "\u0001\u0002\u0003" },
        { "text", "json/plain", "\"text\"" },
        { 5, "json/plain", "5" },
        { true, "json/plain", "true" },
        { new Person("Ada", 36), "json/plain", "{\"Name\":\"Ada\",\"Age\":36}" },
        { new WorkflowExecution { WorkflowId = "w", RunId = "r" }, "json/protobuf", "{ \"workflowId\": \"w\", \"runId\": \"r\" }" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_encoded_by_its_kind(object? value, string encoding, string data)
    {
        var payload = Converter.ToPayload(value);

        payload.Metadata["encoding"].ToStringUtf8().ShouldBe(encoding);
        payload.Data.ToStringUtf8().ShouldBe(data);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_comes_back(object? value, string encoding, string data)
    {
        _ = (encoding, data);

        var back = Converter.ToValue(Converter.ToPayload(value), value?.GetType() ?? typeof(string));

        back.ShouldBeEquivalentTo(value);
    }

    [Fact]
    public void A_message_names_its_type()
    {
        var payload = Converter.ToPayload(new WorkflowExecution());

        payload.Metadata["messageType"].ToStringUtf8().ShouldBe("temporal.api.common.v1.WorkflowExecution");
        Should.Throw<ArgumentException>(() => Converter.ToValue<Payload>(payload)).Message.ShouldContain("WorkflowExecution");
    }

    [Fact]
    public void A_message_in_binary_is_read()
    {
        var message = new WorkflowExecution { WorkflowId = "w" };
        new BinaryProtoConverter().TryToPayload(message, out var payload).ShouldBeTrue();

        Converter.ToValue<WorkflowExecution>(payload).ShouldBe(message);
    }

    [Fact]
    public void A_raw_value_is_its_payload()
    {
        var payload = Converter.ToPayload("text");

        Converter.ToPayload(new RawValue(payload)).ShouldBeSameAs(payload);
        Converter.ToValue<IRawValue>(payload)!.Payload.ShouldBeSameAs(payload);
    }

    [Fact]
    public void An_unknown_encoding_is_named_in_the_error()
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/odd") } };

        Should.Throw<ArgumentException>(() => Converter.ToValue<string>(payload)).Message.ShouldContain("binary/odd");
    }

    [Fact]
    public void Null_is_no_value_type()
    {
        var payload = Converter.ToPayload(null);

        Should.Throw<ArgumentException>(() => Converter.ToValue<int>(payload));
        Converter.ToValue<int?>(payload).ShouldBeNull();
    }

    [Fact]
    public void Common_types_are_read_without_json_elements()
    {
        var options = new JsonSerializerOptions { Converters = { JsonCommonTypeConverter.Instance } };
        var converter = new DefaultPayloadConverter(options);
        var payload = converter.ToPayload(new Dictionary<string, object?> { ["a"] = 1, ["b"] = 1.5, ["c"] = new[] { "x" }, ["d"] = null, ["e"] = true });

        var value = converter.ToValue<object>(payload).ShouldBeOfType<Dictionary<string, object?>>();

        value["a"].ShouldBe(1L);
        value["b"].ShouldBe(1.5);
        value["c"].ShouldBeOfType<List<object?>>().ShouldBe(["x"]);
        value["d"].ShouldBeNull();
        value["e"].ShouldBe(true);
    }

    [Fact]
    public void A_marked_type_goes_as_its_transfer_type()
    {
        var payload = Converter.ToPayload(new Celsius(21.5));

        payload.Data.ToStringUtf8().ShouldBe("21.5");
        Converter.ToValue<Celsius>(payload).ShouldBe(new Celsius(21.5));
    }

    public sealed record Person(string Name, int Age);

    [TemporalTransferTypeConverter(typeof(CelsiusConverter))]
    public sealed record Celsius(double Degrees);

    public sealed class CelsiusConverter : ITemporalTransferTypeConverter
    {
        public Type TransferType => typeof(double);

        public object? ToTransferType(object? value) => ((Celsius)value!).Degrees;

        public object? FromTransferType(object? transferType) => new Celsius((double)transferType!);
    }
}
