using System.Globalization;
using System.Text;

namespace Onramp.Workflows.Display;

/// <summary>
/// Markdown for Temporal's UI. It is for people's eyes: nothing decides by it, and it is no part of what a history is compared with. What comes
/// from people is escaped, so that nobody's comment looks like ours or takes a table apart.
/// </summary>
public static class Markdown
{
    /// <summary>What Temporal takes for a summary, in bytes of UTF-8.</summary>
    public const int MaximumSummaryBytes = 400;

    /// <summary>What Temporal takes for details given at a start, in bytes of UTF-8.</summary>
    public const int MaximumDetailsBytes = 20_000;

    /// <summary>Long enough for a sentence; longer ones are cut in tables.</summary>
    private const int MaximumTextBytes = 500;

    private const string Ellipsis = "…";

    /// <summary>What means something within a line. What only does at the beginning of one isn't here: text of people's never stands there.</summary>
    private const string Special = "\\`*_[]<>|~&";

    /// <summary>Text as it is, on one line, cut where it gets too long.</summary>
    public static string Escape(string? text, int maximumBytes = MaximumTextBytes)
    {
        var escaped = new StringBuilder();
        var left = maximumBytes - Encoding.UTF8.GetByteCount(Ellipsis);
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            var shown = Show(rune);
            left -= Encoding.UTF8.GetByteCount(shown);
            if (left < 0)
                return escaped.Append(Ellipsis).ToString();
            escaped.Append(shown);
        }
        return escaped.ToString();
    }

    /// <summary>Cuts what is Markdown already; at a line's end where there is one.</summary>
    public static string Cut(string markdown, int maximumBytes)
    {
        if (Encoding.UTF8.GetByteCount(markdown) <= maximumBytes)
            return markdown;
        var (length, left) = (0, maximumBytes - Encoding.UTF8.GetByteCount(Ellipsis));
        foreach (var rune in markdown.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            length += rune.Utf16SequenceLength;
        }
        var kept = markdown[..length];
        var line = kept.LastIndexOf('\n');
        return (line > 0 ? kept[..(line + 1)] : kept) + Ellipsis;
    }

    /// <summary>A link, if it is one to follow in a browser; otherwise nothing.</summary>
    public static string Link(string title, string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? $"[{Escape(title)}]({address.AbsoluteUri.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal).Replace("|", "%7C", StringComparison.Ordinal)})"
            : "";

    /// <summary>A table of cells that are Markdown already.</summary>
    public static string Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        Row(head);
        Row([.. head.Select(_ => "---")]);
        foreach (var row in rows)
            Row(row);
        return text.ToString();

        void Row(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string Show(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => " ",
        // Letters that turn the direction of what follows make a line read otherwise than it is.
        UnicodeCategory.Format when rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F => "",
        _ => rune.IsAscii && Special.Contains((char)rune.Value, StringComparison.Ordinal) ? $"\\{rune}" : rune.ToString(),
    };
}
