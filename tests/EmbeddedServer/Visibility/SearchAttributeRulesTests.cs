using Google.Protobuf;
using Grpc.Core;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Tests.Visibility;

/// <summary>What values search attributes may have, and what is kept of them.</summary>
public sealed class SearchAttributeRulesTests
{
    private static readonly NamespaceRef Default = new("ns-1", "default");
    private static readonly Types Known = new();

    [Theory]
    [InlineData("Name", "\"word\"")]
    [InlineData("Name", "[\"word\"]")]
    [InlineData("Words", "\"some text\"")]
    [InlineData("Number", "-5")]
    [InlineData("Number", "[7]")]
    [InlineData("Number", "9223372036854775807")]
    [InlineData("Real", "1.25")]
    [InlineData("Real", "2")]
    [InlineData("Flag", "true")]
    [InlineData("Date", "\"2001-02-03T04:05:06.789Z\"")]
    [InlineData("Date", "\"2001-02-03T04:05:06+02:00\"")]
    [InlineData("Names", "[\"a\", \"b\"]")]
    [InlineData("Names", "[\"a\", null]")]
    [InlineData("Number", "[null]")]
    [InlineData("Flag", "[null]")]
    [InlineData("TemporalChangeVersion", "[\"a\"]")]
    public void What_fits_is_kept_as_it_came_with_its_type(string name, string json)
    {
        var kept = SearchAttributeRules.ForStart(Default, Attributes((name, Json(json))), Known)!.IndexedFields[name];

        kept.Data.ToStringUtf8().ShouldBe(json);
        kept.Metadata["type"].ToStringUtf8().ShouldBe(Known.Find("ns-1", name).ToString());
    }

    [Theory]
    [InlineData("Number", "[7, 8]", "invalid value for search attribute Number of type Int: [7 8]")]
    [InlineData("Names", "\"a\"", "invalid value for search attribute Names of type KeywordList: a")]
    [InlineData("Names", "[1]", "invalid value for search attribute Names of type KeywordList: [1]")]
    [InlineData("Number", "\"seven\"", "invalid value for search attribute Number of type Int: seven")]
    [InlineData("Number", "\"7\"", "invalid value for search attribute Number of type Int: 7")]
    [InlineData("Number", "1.5", "invalid value for search attribute Number of type Int: 1.5")]
    [InlineData("Number", "9223372036854775808", "invalid value for search attribute Number of type Int: 9.223372036854776e+18")]
    [InlineData("Number", "1.0", "invalid value for search attribute Number of type Int: 1")]
    [InlineData("Name", "7", "invalid value for search attribute Name of type Keyword: 7")]
    [InlineData("Name", "{\"b\": 2, \"a\": [1]}", "invalid value for search attribute Name of type Keyword: map[a:[1] b:2]")]
    [InlineData("Flag", "1", "invalid value for search attribute Flag of type Bool: 1")]
    [InlineData("Flag", "\"true\"", "invalid value for search attribute Flag of type Bool: true")]
    [InlineData("Date", "\"yesterday\"", "invalid value for search attribute Date of type Datetime: yesterday")]
    [InlineData("Date", "\"2001-02-03\"", "invalid value for search attribute Date of type Datetime: 2001-02-03")]
    [InlineData("Date", "\"2001-02-30T00:00:00Z\"", "invalid value for search attribute Date of type Datetime: 2001-02-30T00:00:00Z")]
    [InlineData("NoSuch", "\"x\"", "Namespace default has no mapping defined for search attribute NoSuch")]
    [InlineData("name", "\"x\"", "Namespace default has no mapping defined for search attribute name")]
    [InlineData("WorkflowType", "\"x\"", "WorkflowType attribute can't be set in SearchAttributes")]
    [InlineData("TemporalWorkerDeployment", "\"x\"", "TemporalWorkerDeployment attribute can't be set in SearchAttributes")]
    public void What_does_not_fit_is_refused(string name, string json, string message)
    {
        Refusal(() => SearchAttributeRules.ForStart(Default, Attributes((name, Json(json))), Known)).ShouldBe(message);
        Refusal(() => SearchAttributeRules.ForUpsert(Default, Attributes((name, Json(json))), Known)).ShouldBe(message);
    }

    [Theory]
    [InlineData("json/plain", "not \"json\"", """value from <metadata:{key:"encoding"  value:"json/plain"}  data:"not \"json\"">""")]
    [InlineData("json/plain", "", """value from <metadata:{key:"encoding"  value:"json/plain"}>""")]
    [InlineData("odd", "1", """value from <metadata:{key:"encoding"  value:"odd"}  data:"1">""")]
    public void What_can_not_be_read_is_shown_as_it_is(string encoding, string data, string shown)
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) }, Data = ByteString.CopyFromUtf8(data) };

        Refusal(() => SearchAttributeRules.ForStart(Default, Attributes(("Number", payload)), Known))
            .ShouldBe($"invalid value for search attribute Number of type Int: {shown}");
    }

    [Fact]
    public void Bytes_of_another_encoding_are_no_value()
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/plain") }, Data = ByteString.CopyFromUtf8("word") };

        Refusal(() => SearchAttributeRules.ForStart(Default, Attributes(("Name", payload)), Known))
            .ShouldBe("invalid value for search attribute Name of type Keyword: [119 111 114 100]");
    }

    [Fact]
    public void What_is_no_json_is_refused() =>
        Refusal(() => SearchAttributeRules.ForStart(Default, Attributes(("Name", Json("word"))), Known))
            .ShouldStartWith("invalid value for search attribute Name of type Keyword");

    [Fact]
    public void A_type_that_came_with_the_payload_is_kept_but_not_believed()
    {
        var payload = Json("7");
        payload.Metadata["type"] = ByteString.CopyFromUtf8("Keyword");

        var kept = SearchAttributeRules.ForStart(Default, Attributes(("Number", payload)), Known)!;

        kept.IndexedFields["Number"].Metadata["type"].ToStringUtf8().ShouldBe("Keyword");
    }

    [Fact]
    public void Nulls_and_empty_lists_leave_no_trace_at_start()
    {
        var attributes = Attributes(("Name", Null()), ("Number", Json("null")), ("Names", Json("[]")), ("Real", Json(" [ ] ")));

        SearchAttributeRules.ForStart(Default, attributes, Known).ShouldBeNull();
        SearchAttributeRules.ForStart(Default, new SearchAttributes(), Known).ShouldBeNull();
        SearchAttributeRules.ForStart(Default, null, Known).ShouldBeNull();
    }

    [Fact]
    public void Upserts_change_add_and_unset()
    {
        var current = Attributes(("Name", Json("\"first\"")), ("Number", Json("1")), ("Flag", Json("true")));
        var upsert = SearchAttributeRules.ForUpsert(
            Default, Attributes(("Name", Json("\"second\"")), ("Real", Json("0.5")), ("Number", Null()), ("Flag", Json("[]"))), Known);

        upsert.IndexedFields.Keys.Order(StringComparer.Ordinal).ShouldBe(["Flag", "Name", "Number", "Real"]);
        upsert.IndexedFields["Number"].Metadata["type"].ToStringUtf8().ShouldBe("Int");
        var merged = SearchAttributeRules.Merge(current, upsert)!;
        merged.IndexedFields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{field.Key}={field.Value.Data.ToStringUtf8()}").ShouldBe(["Name=\"second\"", "Real=0.5"]);
        current.IndexedFields.Count.ShouldBe(3);
    }

    [Fact]
    public void An_upsert_that_unsets_the_last_leaves_none() =>
        SearchAttributeRules.Merge(Attributes(("Name", Json("\"x\""))), Attributes(("Name", Null()))).ShouldBeNull();

    [Fact]
    public void An_upsert_of_nothing_is_refused()
    {
        Refusal(() => SearchAttributeRules.ForUpsert(Default, null, Known))
            .ShouldBe("SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.");
        Refusal(() => SearchAttributeRules.ForUpsert(Default, new SearchAttributes(), Known))
            .ShouldBe("IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.");
    }

    [Theory]
    [InlineData(2046, null)]
    [InlineData(2047, "search attribute Words value size 2049 exceeds size limit 2048")]
    public void A_value_may_have_2048_bytes_with_its_quotes(int characters, string? message)
    {
        var attributes = Attributes(("Words", Json($"\"{new string('x', characters)}\"")));

        if (message is null)
        {
            SearchAttributeRules.ForStart(Default, attributes, Known).ShouldNotBeNull();
        }
        else
        {
            Refusal(() => SearchAttributeRules.ForStart(Default, attributes, Known)).ShouldBe(message);
        }
    }

    [Fact]
    public void A_run_may_have_a_hundred_attributes_and_40_kilobytes()
    {
        var many = Attributes([.. Enumerable.Range(0, 101).Select(n => ($"Any{n}", Json("\"x\"")))]);
        var large = Attributes([.. Enumerable.Range(0, 21).Select(n => ($"Any{n}", Json($"\"{new string('x', 2000)}\"")))]);

        Refusal(() => SearchAttributeRules.ForStart(Default, many, Known)).ShouldBe("number of search attributes 101 exceeds limit 100");
        Refusal(() => SearchAttributeRules.ForStart(Default, large, Known)).ShouldEndWith("exceeds size limit 40960");
        Refusal(() => Size(SearchAttributeRules.Merge(large, Attributes(("Name", Json("\"x\"")))))).ShouldEndWith("exceeds size limit 40960");
    }

    [Fact]
    public void Custom_attributes_are_added_once_and_removed()
    {
        var row = new NamespaceRow("ns-1", "default", [], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword });
        var more = new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword, ["Size"] = IndexedValueType.Int };

        var added = SearchAttributeRegistry.Add(row, more);

        added.SearchAttributes.ShouldBe(more, ignoreOrder: true);
        SearchAttributeRegistry.Remove(added, ["Team", "Missing"]).SearchAttributes.Keys.ShouldBe(["Size"]);
        row.SearchAttributes.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("WorkflowType", IndexedValueType.Keyword, "Search attribute WorkflowType is reserved by system.")]
    [InlineData("TemporalMine", IndexedValueType.Keyword, "Search attribute TemporalMine is reserved by system.")]
    [InlineData("Memo", IndexedValueType.Keyword, "Search attribute Memo is reserved by system.")]
    [InlineData("Other", IndexedValueType.Unspecified, "Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.")]
    [InlineData("Other", (IndexedValueType)99, "Unknown search attribute type: 99.")]
    public void What_cannot_be_added_is_refused(string name, IndexedValueType type, string message)
    {
        var row = new NamespaceRow("ns-1", "default", [], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword });

        Refusal(() => SearchAttributeRegistry.Add(row, new Dictionary<string, IndexedValueType> { [name] = type })).ShouldBe(message);
    }

    [Fact]
    public void An_attribute_added_again_keeps_its_type()
    {
        var row = new NamespaceRow("ns-1", "default", [], new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Keyword });

        SearchAttributeRegistry.Add(row, new Dictionary<string, IndexedValueType> { ["Team"] = IndexedValueType.Int })
            .SearchAttributes["Team"].ShouldBe(IndexedValueType.Keyword);
    }

    [Theory]
    [InlineData(IndexedValueType.Int, 3)]
    [InlineData(IndexedValueType.KeywordList, 3)]
    [InlineData(IndexedValueType.Keyword, 10)]
    public void A_namespace_has_as_many_attributes_of_a_type_as_a_clusters_has(IndexedValueType type, int most)
    {
        var row = new NamespaceRow("ns-1", "default", [], new Dictionary<string, IndexedValueType>());
        var full = SearchAttributeRegistry.Add(row, Enumerable.Range(1, most).ToDictionary(number => $"Name{number}", _ => type));

        Refusal(() => SearchAttributeRegistry.Add(full, new Dictionary<string, IndexedValueType> { ["More"] = type }))
            .ShouldBe($"Unable to create search attributes: cannot have more than {most} search attribute of type {type}.");
    }

    [Fact]
    public void What_every_namespace_has_cannot_be_removed()
    {
        var row = new NamespaceRow("ns-1", "default", [], new Dictionary<string, IndexedValueType>());

        Refusal(() => SearchAttributeRegistry.Remove(row, ["WorkflowType"]))
            .ShouldBe("Unable to remove non-custom search attributes: WorkflowType.");
        Refusal(() => SearchAttributeRegistry.Add(row, new Dictionary<string, IndexedValueType>()))
            .ShouldBe("SearchAttributes are not set on request.");
    }

    private static object? Size(SearchAttributes? attributes)
    {
        SearchAttributeRules.CheckSize(attributes);
        return null;
    }

    private static string Refusal(Func<object?> action)
    {
        var refusal = Should.Throw<RefusalException>(() => { _ = action(); });
        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
        return refusal.Message;
    }

    private static SearchAttributes Attributes(params (string Name, Payload Payload)[] values)
    {
        var attributes = new SearchAttributes();
        foreach (var (name, payload) in values)
        {
            attributes.IndexedFields[name] = payload;
        }

        return attributes;
    }

    private static Payload Json(string json) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        Data = ByteString.CopyFromUtf8(json),
    };

    private static Payload Null() => new() { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/null") } };

    private sealed class Types : ISearchAttributeTypes
    {
        public IndexedValueType? Find(string namespaceId, string name) => name switch
        {
            "Name" => IndexedValueType.Keyword,
            "Words" => IndexedValueType.Text,
            "Number" => IndexedValueType.Int,
            "Real" => IndexedValueType.Double,
            "Flag" => IndexedValueType.Bool,
            "Date" => IndexedValueType.Datetime,
            "Names" => IndexedValueType.KeywordList,
            _ when name.StartsWith("Any", StringComparison.Ordinal) => IndexedValueType.Keyword,
            _ => SystemSearchAttributes.All.TryGetValue(name, out var type) ? type : null,
        };
    }
}
