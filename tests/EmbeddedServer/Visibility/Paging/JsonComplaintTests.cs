using System.Text;
using Onramp.EmbeddedServer.Visibility.Paging;

namespace Onramp.EmbeddedServer.Tests.Visibility.Paging;

public sealed class JsonComplaintTests
{
    [Theory]
    [InlineData("{\"a\":[1,-0.5e+3,\"\\u00e9\\n\",true,null,{}],\"b\":[]} \n", null)]
    [InlineData("", "unexpected end of JSON input")]
    [InlineData("nul", "unexpected end of JSON input")]
    [InlineData("{\"a\":1", "unexpected end of JSON input")]
    [InlineData("\"text", "unexpected end of JSON input")]
    [InlineData("not a token", "invalid character 'o' in literal null (expecting 'u')")]
    [InlineData("xyz", "invalid character 'x' looking for beginning of value")]
    [InlineData("[1,]", "invalid character ']' looking for beginning of value")]
    [InlineData("{a}", "invalid character 'a' looking for beginning of object key string")]
    [InlineData("{\"a\" 1}", "invalid character '1' after object key")]
    [InlineData("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair")]
    [InlineData("[1 2]", "invalid character '2' after array element")]
    [InlineData("1|2", "invalid character '|' after top-level value")]
    [InlineData("012", "invalid character '1' after top-level value")]
    [InlineData("-x", "invalid character 'x' in numeric literal")]
    [InlineData("1.x", "invalid character 'x' after decimal point in numeric literal")]
    [InlineData("1e+x", "invalid character 'x' in exponent of numeric literal")]
    [InlineData("\"\n\"", "invalid character '\\n' in string literal")]
    [InlineData("\"\\x\"", "invalid character 'x' in string escape code")]
    [InlineData("\"\\u12x4\"", "invalid character 'x' in \\u hexadecimal character escape")]
    [InlineData("'a'", "invalid character '\\'' looking for beginning of value")]
    [InlineData("\u0001", "invalid character '\\x01' looking for beginning of value")]
    public void What_is_no_JSON_is_complained_of_in_Gos_words(string text, string? complaint)
    {
        JsonComplaint.Of(Encoding.UTF8.GetBytes(text)).ShouldBe(complaint);
    }

    [Fact]
    public void No_text_is_too_deep()
    {
        JsonComplaint.Of(Encoding.UTF8.GetBytes(new string('[', 1_000_000))).ShouldBe("exceeded max depth");
    }
}
