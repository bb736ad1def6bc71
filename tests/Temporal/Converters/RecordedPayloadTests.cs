using System.Text.Json;
using System.Text.Json.Nodes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Tests.Converters;

public class RecordedPayloadTests
{
    private static readonly DataConverter Converter = DataConverter.Default;

    [Theory]
    [MemberData(nameof(RecordedHistories.Names), MemberType = typeof(RecordedHistories))]
    public void A_recorded_history_survives_reading_and_writing(string name)
    {
        var history = RecordedHistories.Load(name);

        var again = WorkflowHistory.FromJson(name, history.ToJson());

        history.Events.ShouldNotBeEmpty();
        again.Events.ShouldBe(history.Events);
    }

    [Theory]
    [MemberData(nameof(RecordedHistories.Names), MemberType = typeof(RecordedHistories))]
    public void Every_recorded_payload_is_read_and_written_alike(string name)
    {
        foreach (var payload in RecordedHistories.Messages<Payload>(name))
        {
            if (!payload.Metadata.TryGetValue("encoding", out var encoding) || encoding.ToStringUtf8() is not ("json/plain" or "binary/null"))
            {
                Should.Throw<ArgumentException>(() => Converter.PayloadConverter.ToValue<JsonElement?>(payload));
                continue;
            }

            var value = Converter.PayloadConverter.ToValue<JsonElement?>(payload);
            var again = Converter.PayloadConverter.ToPayload(value);

            again.Metadata["encoding"].ToStringUtf8().ShouldBe(value is null ? "binary/null" : "json/plain");
            JsonNode.DeepEquals(Parse(again), Parse(payload)).ShouldBeTrue($"{again} is not {payload}");
        }

        static JsonNode? Parse(Payload payload) => payload.Data.IsEmpty ? null : JsonNode.Parse(payload.Data.ToStringUtf8());
    }

    [Theory]
    [MemberData(nameof(RecordedHistories.Names), MemberType = typeof(RecordedHistories))]
    public async Task Every_recorded_failure_becomes_an_exception_and_the_same_failure_again(string name)
    {
        foreach (var failure in RecordedHistories.Messages<Failure>(name))
        {
            var exception = await Converter.ToExceptionAsync(failure);
            var again = await Converter.ToFailureAsync(exception);

            exception.Message.ShouldBe(failure.Message);
            again.ShouldBe(failure);
        }
    }

    [Fact]
    public void Recorded_search_attributes_have_their_types()
    {
        var attributes = RecordedHistories.Messages<SearchAttributes>("metadata-search-attribute-upserts")
            .Select(SearchAttributeCollection.FromProto)
            .Where(c => c.Count > 0)
            .ToList();

        attributes.ShouldNotBeEmpty();
        foreach (var collection in attributes)
        {
            SearchAttributeCollection.FromProto(collection.ToProto()).UntypedValues.Keys.ShouldBe(collection.UntypedValues.Keys);
        }
    }
}
