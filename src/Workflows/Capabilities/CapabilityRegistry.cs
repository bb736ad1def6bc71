namespace Onramp.Workflows.Capabilities;

/// <summary>
/// The rows that registered themselves, checked once: no cycles, nothing after what isn't there, every input made by something that comes
/// before, and nothing of the component after something of one environment.
/// </summary>
public sealed class CapabilityRegistry
{
    private readonly Dictionary<string, CapabilityRow> rows;
    private readonly Dictionary<string, IReadOnlySet<string>> before = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">The table can't be; every fault is named.</exception>
    public CapabilityRegistry(IEnumerable<CapabilityRow> given)
    {
        var all = given.OrderBy(r => r.Id, StringComparer.Ordinal).ToList();
        var faults = all.GroupBy(r => r.Id, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"'{g.Key}' is there twice").ToList();
        rows = all.DistinctBy(r => r.Id).ToDictionary(r => r.Id, StringComparer.Ordinal);
        faults.AddRange(all.SelectMany(r => r.After.Where(a => !rows.ContainsKey(a)).Select(a => $"'{r.Id}' comes after '{a}', which nobody is")));
        faults.AddRange(all.SelectMany(r => r.Makes).GroupBy(o => o, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"output '{g.Key}' is made by more than one"));
        if (faults.Count == 0)
            faults.AddRange(all.SelectMany(Faults));
        if (faults.Count > 0)
            throw new InvalidOperationException($"The capabilities don't fit together: {string.Join("; ", faults)}");
    }

    /// <summary>In an order that keeps what comes after what; the same for the same rows.</summary>
    public IReadOnlyList<CapabilityRow> Rows =>
        [.. rows.Values.OrderBy(r => before[r.Id].Count).ThenBy(r => r.Id, StringComparer.Ordinal)];

    public CapabilityRow? Find(string id) => rows.GetValueOrDefault(id);

    /// <summary>Everything that comes before a capability, however far.</summary>
    public IReadOnlySet<string> Before(string id) => before[id];

    private IEnumerable<string> Faults(CapabilityRow row)
    {
        before[row.Id] = Reach(row);
        if (before[row.Id].Contains(row.Id))
            yield return $"'{row.Id}' comes after itself";
        foreach (var need in row.Needs.Where(n => !before[row.Id].Any(b => rows[b].Makes.Contains(n, StringComparer.Ordinal))))
            yield return $"'{row.Id}' needs '{need}', which nothing before it makes";
        foreach (var wrong in before[row.Id].Where(b => row.Scope == ScopeKind.Component && rows[b].Scope == ScopeKind.Environment))
            yield return $"'{row.Id}' belongs to the component and comes after '{wrong}', which belongs to an environment";
    }

    private HashSet<string> Reach(CapabilityRow row)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(row.After);
        while (open.TryPop(out var next))
        {
            if (reached.Add(next))
            {
                foreach (var further in rows[next].After)
                    open.Push(further);
            }
        }
        return reached;
    }
}
