using Onramp.Activities.Common;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Capabilities;

/// <summary>
/// Which fields to write, seen how they stand. Forwards a field is written where it stands as planned from, is left where it stands as
/// wanted (an earlier attempt did it), and anything else is somebody's hand. Backwards only our own value is taken back.
/// </summary>
internal sealed record FieldWrites(IReadOnlyDictionary<string, string?> Set, IReadOnlyList<string> Left)
{
    public static FieldWrites For(EnsureMode mode, IEnumerable<FieldChange> changes, Func<string, string?> current, string system, string name)
    {
        var set = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var left = new List<string>();
        foreach (var change in changes)
        {
            var now = current(change.Field);
            if (now == change.After)
                continue;
            if (now == change.Before)
                set[change.Field] = change.After;
            else if (mode == EnsureMode.Restore)
                left.Add($"{system}: {name} {change.Field} is '{now}' by somebody's hand");
            else
                throw Failures.Of(ErrorTypes.ChangedMeanwhile, system, $"{name} {change.Field} was '{change.Before}' when it was planned and is '{now}' now", "Ask again: it is planned anew.");
        }
        return new FieldWrites(set, left);
    }
}
