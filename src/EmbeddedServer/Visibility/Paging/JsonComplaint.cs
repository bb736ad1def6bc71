using System.Globalization;

namespace Onramp.EmbeddedServer.Visibility.Paging;

/// <summary>What Go's <c>encoding/json</c>, by which Temporal's server reads page tokens, says of a text that is not JSON.</summary>
internal ref struct JsonComplaint
{
    private const string EndOfInput = "unexpected end of JSON input";
    private const int MaximumDepth = 10_000;
    private const byte EndOfText = 0;

    private readonly ReadOnlySpan<byte> text;
    private int position;
    private string? complaint;

    private JsonComplaint(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>The first thing that is wrong; null when the text is JSON.</summary>
    public static string? Of(ReadOnlySpan<byte> text)
    {
        var reader = new JsonComplaint(text);
        if (reader.Document())
        {
            reader.SkipBlanks();
            if (reader.position < text.Length)
            {
                reader.Complain("after top-level value");
            }
        }

        return reader.complaint;
    }

    /// <summary>One value, with whatever it holds; the brackets that are open are kept in a list, so that no text is too deep for the stack.</summary>
    private bool Document()
    {
        var open = new List<byte>();
        do
        {
            if (!Value(open))
            {
                return false;
            }
        }
        while (GoesOn(open));
        return complaint is null;
    }

    /// <summary>A scalar, an empty list or object, or the beginning of either.</summary>
    private bool Value(List<byte> open)
    {
        while (true)
        {
            SkipBlanks();
            var first = Peek();
            if (first is not ((byte)'{' or (byte)'['))
            {
                return Scalar(first);
            }

            position++;
            open.Add(first);
            if (open.Count > MaximumDepth)
            {
                complaint = "exceeded max depth";
                return false;
            }

            SkipBlanks();
            if (Peek() == Closing(first))
            {
                position++;
                open.RemoveAt(open.Count - 1);
                return true;
            }

            if (first == '{' && !Key())
            {
                return false;
            }
        }
    }

    /// <summary>After a value: closes what ends with it. True when another value follows.</summary>
    private bool GoesOn(List<byte> open)
    {
        while (open.Count > 0)
        {
            SkipBlanks();
            var next = Peek();
            if (next == ',')
            {
                position++;
                return open[^1] == '[' || Key();
            }

            if (next != Closing(open[^1]))
            {
                Complain(open[^1] == '[' ? "after array element" : "after object key:value pair");
                return false;
            }

            position++;
            open.RemoveAt(open.Count - 1);
        }

        return false;
    }

    private bool Key()
    {
        SkipBlanks();
        if (Peek() != '"')
        {
            return Complain("looking for beginning of object key string");
        }

        if (!Text())
        {
            return false;
        }

        SkipBlanks();
        return Take((byte)':') || Complain("after object key");
    }

    private bool Scalar(byte first) => first switch
    {
        (byte)'"' => Text(),
        (byte)'t' => Word("true"),
        (byte)'f' => Word("false"),
        (byte)'n' => Word("null"),
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(),
        _ => Complain("looking for beginning of value"),
    };

    private bool Word(string word)
    {
        foreach (var letter in word)
        {
            if (!Take((byte)letter))
            {
                return Complain($"in literal {word} (expecting {Quoted((byte)letter)})");
            }
        }

        return true;
    }

    private bool Text()
    {
        for (position++; !Take((byte)'"'); position++)
        {
            if (Peek() == '\\')
            {
                position++;
                if (!Escape())
                {
                    return false;
                }
            }
            else if (position >= text.Length || Peek() < ' ')
            {
                return Complain("in string literal");
            }
        }

        return true;
    }

    /// <summary>What follows a backslash; stays on its last character.</summary>
    private bool Escape()
    {
        if (Peek() != 'u')
        {
            return (position < text.Length && "bfnrt\\/\""u8.Contains(Peek())) || Complain("in string escape code");
        }

        for (var digits = 0; digits < 4; digits++)
        {
            position++;
            if (!char.IsAsciiHexDigit((char)Peek()))
            {
                return Complain("in \\u hexadecimal character escape");
            }
        }

        return true;
    }

    private bool Number()
    {
        Take((byte)'-');
        if (!Take((byte)'0') && !Digits())
        {
            return Complain("in numeric literal");
        }

        if (Take((byte)'.') && !Digits())
        {
            return Complain("after decimal point in numeric literal");
        }

        if (!Take((byte)'e') && !Take((byte)'E'))
        {
            return true;
        }

        _ = Take((byte)'+') || Take((byte)'-');
        return Digits() || Complain("in exponent of numeric literal");
    }

    private bool Digits()
    {
        var from = position;
        while (char.IsAsciiDigit((char)Peek()))
        {
            position++;
        }

        return position > from;
    }

    private void SkipBlanks()
    {
        while (Peek() is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            position++;
        }
    }

    private readonly byte Peek() => position < text.Length ? text[position] : EndOfText;

    private bool Take(byte character)
    {
        if (Peek() != character)
        {
            return false;
        }

        position++;
        return true;
    }

    private bool Complain(string where)
    {
        complaint = position < text.Length ? $"invalid character {Quoted(text[position])} {where}" : EndOfInput;
        return false;
    }

    private static byte Closing(byte opening) => opening == '{' ? (byte)'}' : (byte)']';

    /// <summary>A byte as a character in quotes; what can't be printed is escaped.</summary>
    private static string Quoted(byte character) => character switch
    {
        (byte)'\'' => "'\\''",
        (byte)'\\' => "'\\\\'",
        7 => "'\\a'",
        8 => "'\\b'",
        9 => "'\\t'",
        10 => "'\\n'",
        11 => "'\\v'",
        12 => "'\\f'",
        13 => "'\\r'",
        < 0x20 or 0x7f => string.Create(CultureInfo.InvariantCulture, $"'\\x{character:x2}'"),
        (> 0x7f and <= 0xa0) or 0xad => string.Create(CultureInfo.InvariantCulture, $"'\\u{character:x4}'"),
        _ => $"'{(char)character}'",
    };
}
