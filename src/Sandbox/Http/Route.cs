namespace Onramp.Sandbox.Http;

/// <summary>
/// A method, a pattern and what answers. <c>{name}</c> stands for one segment, <c>{**name}</c> for any number of them, anywhere.
/// Segments are compared and captured after percent-decoding, so that <c>a%2Fb</c> is one segment.
/// </summary>
internal sealed class Route(string method, string pattern, Func<Call, Reply> handle)
{
    private readonly string[] _segments = Segments(pattern);

    public string Method { get; } = method;

    public string Pattern { get; } = pattern;

    public Func<Call, Reply> Handle { get; } = handle;

    public static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Captured values, or null when the path is another one. Literals are compared without regard to case when asked.</summary>
    public Dictionary<string, string>? Match(string[] path, bool ignoreCase)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        return Match(0, path, 0, values, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal) ? values : null;
    }

    private bool Match(int at, string[] path, int position, Dictionary<string, string> values, StringComparison comparison)
    {
        if (at == _segments.Length)
        {
            return position == path.Length;
        }

        var segment = _segments[at];
        if (segment.StartsWith("{**", StringComparison.Ordinal))
        {
            for (var end = path.Length; end >= position; end--)
            {
                if (Match(at + 1, path, end, values, comparison))
                {
                    values[segment[3..^1]] = string.Join('/', path[position..end].Select(Uri.UnescapeDataString));
                    return true;
                }
            }

            return false;
        }

        if (position == path.Length)
        {
            return false;
        }

        var actual = Uri.UnescapeDataString(path[position]);
        if (segment[0] == '{')
        {
            if (!Match(at + 1, path, position + 1, values, comparison))
            {
                return false;
            }

            values[segment[1..^1]] = actual;
            return true;
        }

        return string.Equals(segment, actual, comparison) && Match(at + 1, path, position + 1, values, comparison);
    }
}
