namespace Onramp.EndToEnd.Tests;

/// <summary>Questions to the sandbox's ledger.</summary>
internal static class Ledgers
{
    /// <summary>Things that came to be more than once without having gone in between.</summary>
    public static IReadOnlyList<string> CreatedTwice(IEnumerable<LedgerEntry> entries)
    {
        var there = new HashSet<string>(StringComparer.Ordinal);
        var twice = new List<string>();
        foreach (var (thing, change) in entries.SelectMany(e => e.Changes))
        {
            if (change == "created" && !there.Add(thing))
                twice.Add(thing);
            else if (change == "deleted")
                there.Remove(thing);
        }
        return twice;
    }

    /// <summary>The calls by which a step changed something, in order.</summary>
    public static IReadOnlyList<LedgerEntry> OfStep(IEnumerable<LedgerEntry> entries, string step) =>
        [.. entries.Where(e => e.Applied && e.CorrelationId.EndsWith($"/{step}", StringComparison.Ordinal))];

    /// <summary>A route for the same call of another service: what belongs to one service becomes a placeholder.</summary>
    public static string Route(string path, string service)
    {
        var part = service[..Math.Min(service.Length, 11)];
        var segments = path.Split('?')[0].Trim('/').Split('/');
        return "/" + string.Join('/', segments.Select((s, i) =>
            s.Contains(part, StringComparison.OrdinalIgnoreCase) || Guid.TryParse(s, out _) && i > 1 ? $"{{s{i}}}" : s));
    }
}
