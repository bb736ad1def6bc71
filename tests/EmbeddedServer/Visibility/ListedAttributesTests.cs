using Google.Protobuf;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Tests.Visibility;

/// <summary>How lists write the values of search attributes.</summary>
public sealed class ListedAttributesTests
{
    [Theory]
    [InlineData(IndexedValueType.Int, "[7]", "7")]
    [InlineData(IndexedValueType.Int, "9007199254740993", "9007199254740992")]
    [InlineData(IndexedValueType.Int, "9223372036854775807", "9223372036854776000")]
    [InlineData(IndexedValueType.Double, "1.50", "1.5")]
    [InlineData(IndexedValueType.Double, "2e3", "2000")]
    [InlineData(IndexedValueType.Double, "0.00001", "0.00001")]
    [InlineData(IndexedValueType.Double, "1e-9", "1e-9")]
    [InlineData(IndexedValueType.Double, "1e21", "1e+21")]
    [InlineData(IndexedValueType.Keyword, "[\"é\"]", "\"é\"")]
    [InlineData(IndexedValueType.KeywordList, "[ \"a\", null ]", "[\"a\",\"\"]")]
    [InlineData(IndexedValueType.Datetime, "\"2001-02-03T04:05:06.500Z\"", "\"2001-02-03T04:05:06.5Z\"")]
    [InlineData(IndexedValueType.Datetime, "[\"2001-02-03T04:05:06.000+00:00\"]", "\"2001-02-03T04:05:06Z\"")]
    [InlineData(IndexedValueType.Datetime, "\"2001-02-03T04:05:06.1234567891+01:00\"", "\"2001-02-03T04:05:06.123456789+01:00\"")]
    public void A_value_is_written_in_one_way(IndexedValueType type, string sent, string listed) =>
        List(type, sent, named: type.ToString()).IndexedFields["A"].Data.ToStringUtf8().ShouldBe(listed);

    [Fact]
    public void The_type_is_the_namespaces_whatever_was_sent() =>
        List(IndexedValueType.Int, "7", named: "Keyword").IndexedFields["A"].Metadata["type"].ToStringUtf8().ShouldBe("Int");

    [Theory]
    [InlineData(IndexedValueType.Keyword, "[]")]
    [InlineData(IndexedValueType.Int, "null")]
    public void What_is_not_set_is_not_listed(IndexedValueType type, string sent) => List(type, sent, named: type.ToString()).IndexedFields.ShouldBeEmpty();

    [Fact]
    public void An_attribute_that_the_namespace_has_no_longer_is_not_listed() => List(type: null, "7", named: "Int").IndexedFields.ShouldBeEmpty();

    private static SearchAttributes List(IndexedValueType? type, string json, string named)
    {
        var payload = new Payload
        {
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8(named) },
            Data = ByteString.CopyFromUtf8(json),
        };
        return ListedAttributes.Of(new SearchAttributes { IndexedFields = { ["A"] = payload } }, _ => type);
    }
}
