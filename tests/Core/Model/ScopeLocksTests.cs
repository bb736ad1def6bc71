using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests.Model;

/// <summary>Scopes are given all at once, to one at a time, in order of asking, and never to nobody.</summary>
public sealed class ScopeLocksTests
{
    private static readonly string[] All = [Scopes.Component, Scopes.Environment("development"), Scopes.Environment("staging"), Scopes.Whole];

    [Property(MaxTest = 300)]
    public bool A_scope_is_held_by_one_and_somebody_always_goes_on(NonEmptyArray<(byte Change, byte Scopes, bool Release)> steps)
    {
        var locks = new ScopeLocks(new ScopeLocksState());
        foreach (var (change, wanted, release) in steps.Get)
        {
            var id = $"c{change % 5}";
            if (release)
                locks.Release(id);
            else
                locks.Ask(id, All.Where((_, i) => (wanted & (1 << i)) != 0));
            locks.Grant();
            var state = locks.State;
            if (state.Held.Count == 0 && state.Waiting.Count > 0)
                return false;
            if (state.Held.TryGetValue(Scopes.Whole, out var whole) && state.Held.Values.Any(h => h != whole))
                return false;
            if (state.Waiting.Any(w => state.Held.ContainsValue(w.ChangeId)))
                return false;
        }
        return true;
    }

    [Property(MaxTest = 300)]
    public bool Everybody_who_asked_gets_a_turn(NonEmptyArray<byte> wanted)
    {
        var locks = new ScopeLocks(new ScopeLocksState());
        var asked = wanted.Get.Select((w, i) => (Id: $"c{i}", Scopes: All.Where((_, s) => ((w | 1) & (1 << s)) != 0).ToArray())).ToList();
        foreach (var (id, scopes) in asked)
            locks.Ask(id, scopes);
        var served = new List<string>();
        while (locks.Grant() is { Count: > 0 } granted)
        {
            served.AddRange(granted.Select(g => g.ChangeId));
            foreach (var one in granted)
                locks.Release(one.ChangeId);
        }
        return served.Order(StringComparer.Ordinal).SequenceEqual(asked.Select(a => a.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Who_asked_earlier_for_a_scope_gets_it_earlier_even_when_it_waits_for_another()
    {
        var locks = new ScopeLocks(new ScopeLocksState());
        locks.Ask("holder", [All[1]]);
        locks.Grant();
        locks.Ask("both", [All[0], All[1]]);
        locks.Ask("late", [All[0]]);
        locks.Grant().ShouldBeEmpty();
    }

    [Fact]
    public void The_whole_waits_for_every_scope_and_every_scope_for_the_whole()
    {
        var locks = new ScopeLocks(new ScopeLocksState());
        locks.Ask("one", [All[1]]);
        locks.Grant();
        locks.Ask("whole", [Scopes.Whole]);
        locks.Ask("late", [All[2]]);
        locks.Grant().ShouldBeEmpty();
        locks.Release("one");
        locks.Grant().Select(g => g.ChangeId).ShouldBe(["whole"]);
        locks.Release("whole");
        locks.Grant().Select(g => g.ChangeId).ShouldBe(["late"]);
    }

    [Fact]
    public void What_is_given_says_which_asking_it_answers()
    {
        var locks = new ScopeLocks(new ScopeLocksState());
        locks.Ask("holder", [All[1]]);
        locks.Grant();
        locks.Ask("one", [All[1]], round: 1);
        locks.Ask("one", [All[1]], round: 2);
        locks.Release("holder");
        locks.Grant().ShouldHaveSingleItem().Round.ShouldBe(2);
    }

    [Fact]
    public void Asking_for_nothing_gives_everything_back()
    {
        var locks = new ScopeLocks(new ScopeLocksState());
        locks.Ask("one", All);
        locks.Grant();
        locks.Ask("one", []);
        locks.State.Held.ShouldBeEmpty();
    }
}
