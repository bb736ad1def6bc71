namespace Onramp.EmbeddedServer.History;

/// <summary>One field of a cron expression: which values of its range match, as bits.</summary>
internal readonly record struct CronField(ulong Bits, bool IsAny)
{
    /// <summary>Range and names of a field.</summary>
    public sealed record Kind(int Minimum, int Maximum, IReadOnlyList<string> Names, int FirstNamed = 0)
    {
        public static readonly Kind Minute = new(0, 59, []);
        public static readonly Kind Hour = new(0, 23, []);
        public static readonly Kind DayOfMonth = new(1, 31, []);
        public static readonly Kind Month = new(1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], FirstNamed: 1);
        public static readonly Kind DayOfWeek = new(0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);
    }

    public bool Matches(int value) => (Bits & (1UL << value)) != 0;

    /// <summary>A comma-separated list of <c>*</c>, <c>a</c>, <c>a-b</c>, each with an optional <c>/step</c>.</summary>
    public static bool TryParse(string text, Kind kind, out CronField field)
    {
        ulong bits = 0;
        var any = false;
        foreach (var part in text.Split(','))
        {
            if (!TryParsePart(part, kind, out var partBits, out var partIsAny))
            {
                field = default;
                return false;
            }

            bits |= partBits;
            any |= partIsAny;
        }

        field = new CronField(bits, any);
        return true;
    }

    private static bool TryParsePart(string part, Kind kind, out ulong bits, out bool any)
    {
        bits = 0;
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? part : part[..slash];
        var step = 1;
        any = range is "*" or "?";
        if (slash >= 0 && (!int.TryParse(part.AsSpan(slash + 1), out step) || step <= 0))
        {
            return false;
        }

        int first;
        int last;
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (any)
        {
            (first, last) = (kind.Minimum, kind.Maximum);
            any = step == 1;
        }
        else if (dash >= 0)
        {
            if (!TryParseValue(range[..dash], kind, out first) || !TryParseValue(range[(dash + 1)..], kind, out last))
            {
                return false;
            }
        }
        else
        {
            if (!TryParseValue(range, kind, out first))
            {
                return false;
            }

            last = slash >= 0 ? kind.Maximum : first;
        }

        if (first < kind.Minimum || last > kind.Maximum || first > last)
        {
            return false;
        }

        for (var value = first; value <= last; value += step)
        {
            bits |= 1UL << value;
        }

        return true;
    }

    private static bool TryParseValue(string text, Kind kind, out int value)
    {
        for (var i = 0; i < kind.Names.Count; i++)
        {
            if (string.Equals(kind.Names[i], text, StringComparison.OrdinalIgnoreCase))
            {
                value = i + kind.FirstNamed;
                return true;
            }
        }

        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);
    }
}
