namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// The target of a request as it was sent, taken apart segment by segment and only then unescaped: an id may hold what means something in a path.
/// </summary>
internal static class HttpPath
{
    /// <summary>Splits the target into its path and its query (without the question mark).</summary>
    public static (string Path, string Query) Split(string target)
    {
        if (!target.StartsWith('/'))
        {
            // The absolute form, which proxies send.
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
            target = path < 0 ? "/" : target[path..];
        }

        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (target, string.Empty) : (target[..mark], target[(mark + 1)..]);
    }

    /// <summary>The path without empty segments and dots; the same if it had none.</summary>
    public static string Clean(string path)
    {
        var kept = new List<string>();
        var segments = path.Split('/');
        foreach (var segment in segments.Skip(1).SkipLast(1).Where(segment => segment.Length > 0).Concat(segments.TakeLast(1)))
        {
            switch (segment)
            {
                case "..":
                    kept.RemoveRange(Math.Max(kept.Count - 1, 0), Math.Min(kept.Count, 1));
                    break;
                case ".":
                    break;
                default:
                    kept.Add(segment);
                    break;
            }
        }

        return "/" + string.Join('/', kept);
    }

    /// <summary>What is wrong with a query, as Go tells it; null for nothing.</summary>
    public static string? FaultOf(string query)
    {
        foreach (var pair in query.Split('&'))
        {
            if (pair.Contains(';', StringComparison.Ordinal))
            {
                return "invalid semicolon separator in query";
            }

            for (var mark = pair.IndexOf('%', StringComparison.Ordinal); mark >= 0; mark = pair.IndexOf('%', mark + 1))
            {
                var escape = pair[mark..Math.Min(mark + 3, pair.Length)];
                if (escape.Length < 3 || !char.IsAsciiHexDigit(escape[1]) || !char.IsAsciiHexDigit(escape[2]))
                {
                    return $"invalid URL escape \"{escape}\"";
                }
            }
        }

        return null;
    }

    /// <summary>The segments, unescaped; null if one holds a slash where none may, or isn't text.</summary>
    public static IReadOnlyList<string>? Segments(string path, bool escapedSlash)
    {
        var segments = path.Split('/').Skip(1).Select(Uri.UnescapeDataString).ToList();
        return escapedSlash || !segments.Exists(segment => segment.Contains('/', StringComparison.Ordinal)) ? segments : null;
    }
}
