using System.Text;
using Onramp.Workflows.Display;

namespace Onramp.Workflows.Tests.Display;

/// <summary>What people write is shown as they wrote it, and as nothing else.</summary>
public sealed class MarkdownTests
{
    [Theory]
    [InlineData("orders-staging 1.2", "orders-staging 1.2")]
    [InlineData("a | b", "a \\| b")]
    [InlineData("**bold** _it_ `code`", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\`")]
    [InlineData("![x](http://evil.example)", "!\\[x\\](http://evil.example)")]
    [InlineData("<img src=x onerror=y>&lt;", "\\<img src=x onerror=y\\>\\&lt;")]
    [InlineData("one\n\n# two\r\tthree\u2028four", "one  # two  three four")]
    [InlineData("safe\u202Etxt.exe\u200F", "safetxt.exe")]
    [InlineData("zwölf 👩‍💻", "zwölf 👩‍💻")]
    [InlineData("\\|", "\\\\\\|")]
    [InlineData(null, "")]
    public void Text_of_people_means_nothing_to_markdown(string? text, string expected) => Markdown.Escape(text).ShouldBe(expected);

    [Theory]
    [InlineData('a', 400)]
    [InlineData('*', 400)]
    [InlineData('é', 400)]
    public void Long_text_is_cut_between_letters_and_keeps_its_bound(char letter, int bound)
    {
        var escaped = Markdown.Escape(new string(letter, 1000), bound);

        (Encoding.UTF8.GetByteCount(escaped) <= bound, escaped.EndsWith('…'), escaped.Count(c => c == '\\') % 2 == 0 || escaped[^2] == letter).ShouldBe((true, true, true));
    }

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("one\ntwo\nthree", 11, "one\ntwo\n…")]
    [InlineData("👩👩👩👩", 12, "👩👩…")]
    public void Markdown_is_cut_at_a_line_or_between_letters(string markdown, int bound, string expected) => Markdown.Cut(markdown, bound).ShouldBe(expected);

    [Theory]
    [InlineData("https://github.example/a b/(c)|d", "[look](https://github.example/a%20b/%28c%29%7Cd)")]
    [InlineData("javascript:alert(1)", "")]
    [InlineData("file:///etc/passwd", "")]
    [InlineData("orders", "")]
    [InlineData(null, "")]
    public void Only_what_a_browser_may_follow_becomes_a_link(string? url, string expected) => Markdown.Link("look", url).ShouldBe(expected);

    [Fact]
    public void A_table_has_a_row_a_line() =>
        Markdown.Table(["a", "b"], [["1", "2"], ["", "x"]]).ShouldBe("| a | b |\n| --- | --- |\n| 1 | 2 |\n|  | x |\n");
}
