using Temporalio.Common;

namespace Temporalio.Tests.Common;

public class SearchAttributeTests
{
    [Fact]
    public void All_types_come_back_with_key_and_value()
    {
        var attributes = new SearchAttributeCollection.Builder()
            .Set(SearchAttributeKey.CreateBool("B"), true)
            .Set(SearchAttributeKey.CreateDateTimeOffset("D"), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)))
            .Set(SearchAttributeKey.CreateDouble("F"), 1.5)
            .Set(SearchAttributeKey.CreateKeyword("K"), "word")
            .Set(SearchAttributeKey.CreateKeywordList("L"), ["a", "b"])
            .Set(SearchAttributeKey.CreateLong("N"), long.MaxValue)
            .Set(SearchAttributeKey.CreateText("T"), "some text")
            .ToSearchAttributeCollection();

        var back = SearchAttributeCollection.FromProto(attributes.ToProto());

        back.Select(k => $"{k.Name}:{k.ValueType}").ShouldBe(["B:Bool", "D:Datetime", "F:Double", "K:Keyword", "L:KeywordList", "N:Int", "T:Text"]);
        back.Get(SearchAttributeKey.CreateBool("B")).ShouldBeTrue();
        back.Get(SearchAttributeKey.CreateDateTimeOffset("D")).ShouldBe(attributes.Get(SearchAttributeKey.CreateDateTimeOffset("D")));
        back.Get(SearchAttributeKey.CreateDouble("F")).ShouldBe(1.5);
        back.Get(SearchAttributeKey.CreateKeyword("K")).ShouldBe("word");
        back.Get(SearchAttributeKey.CreateKeywordList("L")).ShouldBe(["a", "b"]);
        back.Get(SearchAttributeKey.CreateLong("N")).ShouldBe(long.MaxValue);
        back.Get(SearchAttributeKey.CreateText("T")).ShouldBe("some text");
    }

    [Fact]
    public void A_name_has_one_type()
    {
        var attributes = new SearchAttributeCollection.Builder()
            .Set(SearchAttributeKey.CreateLong("X"), 1)
            .Set(SearchAttributeKey.CreateKeyword("X"), "one")
            .ToSearchAttributeCollection();

        attributes.Count.ShouldBe(1);
        attributes.ContainsKey(SearchAttributeKey.CreateLong("X")).ShouldBeFalse();
        attributes.TryGetValue(SearchAttributeKey.CreateKeyword("X"), out var value).ShouldBeTrue();
        value.ShouldBe("one");
        new SearchAttributeCollection.Builder(attributes).Unset("X").ToSearchAttributeCollection().Count.ShouldBe(0);
    }

    [Fact]
    public void A_single_keyword_is_read_from_a_list_of_one()
    {
        var proto = new SearchAttributeCollection.Builder()
            .Set(SearchAttributeKey.CreateKeyword("K"), "word").ToSearchAttributeCollection().ToProto();
        proto.IndexedFields["K"].Data = Google.Protobuf.ByteString.CopyFromUtf8("[\"word\"]");

        SearchAttributeCollection.FromProto(proto).Get(SearchAttributeKey.CreateKeyword("K")).ShouldBe("word");
    }
}
