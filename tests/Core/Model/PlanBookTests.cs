using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Saga;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests.Model;

/// <summary>What may begin when, forwards and backwards, whatever order things end in.</summary>
public sealed class PlanBookTests
{
    [Property(MaxTest = 300)]
    public bool Nothing_begins_before_what_it_comes_after_is_done(byte size, int seed)
    {
        var (book, random) = (BookOf(size, seed), new Random(seed));
        var running = new List<PlannedAction>();
        while (!book.IsDone)
        {
            var begun = book.BeginReady();
            if (begun.Any(a => a.After.Any(b => book.StateOf(b) != ActionState.Done)))
                return false;
            running.AddRange(begun);
            var next = running[random.Next(running.Count)];
            running.Remove(next);
            book.Complete(next.Id, new ActionResult());
        }
        return running.Count == 0;
    }

    [Property(MaxTest = 300)]
    public bool Nothing_is_undone_while_something_rests_on_it_and_at_the_end_nothing_is_left(byte size, int seed)
    {
        var (book, random) = (BookOf(size, seed), new Random(seed));
        Interrupt(book, random);
        var running = new List<PlannedAction>();
        while (!book.IsUndone)
        {
            var begun = book.BeginUndo();
            if (begun.Any(a => book.Actions.Any(o => o.After.Contains(a.Id) && book.StateOf(o.Id) is not (ActionState.Waiting or ActionState.Undone))))
                return false;
            running.AddRange(begun);
            var next = running[random.Next(running.Count)];
            running.Remove(next);
            book.Undone(next.Id);
        }
        return book.Views.All(v => v.State is ActionState.Waiting or ActionState.Undone);
    }

    [Fact]
    public void What_does_not_rest_on_a_stuck_undo_goes_on()
    {
        var book = new PlanBook(new ChangePlan { Actions = [Action("a"), Action("b"), Action("c", "a")] }, []);
        foreach (var action in book.BeginReady().Concat(Completed(book)))
            _ = action;
        book.BeginUndo().Select(a => a.Id).ShouldBe(["b", "c"], ignoreOrder: true);
        book.Stick("c", new StepError(ErrorTypes.Transient, "no answer"));
        book.Undone("b");
        book.StateOf("b").ShouldBe(ActionState.Undone);
    }

    [Fact]
    public void What_was_made_for_all_environments_is_handed_to_the_service()
    {
        var book = new PlanBook(new ChangePlan { Actions = [Action("repository") with { Scope = Scopes.Component }] }, []);
        Completed(book);
        book.BeginUndo().ShouldBeEmpty();
        book.StateOf("repository").ShouldBe(ActionState.HandedOver);
    }

    [Fact]
    public void What_no_undo_brings_back_is_left_and_said()
    {
        var book = new PlanBook(new ChangePlan { Actions = [Action("gone") with { Kind = ActionKind.Remove }] }, []);
        Completed(book);
        book.BeginUndo();
        book.Left.ShouldHaveSingleItem();
    }

    /// <summary>Completes everything that may be.</summary>
    private static IReadOnlyList<PlannedAction> Completed(PlanBook book)
    {
        foreach (var running in book.Views.Where(v => v.State == ActionState.Running).ToList())
            book.Complete(running.Id, new ActionResult());
        while (book.BeginReady() is { Count: > 0 } begun)
        {
            foreach (var action in begun)
                book.Complete(action.Id, new ActionResult());
        }
        return [];
    }

    private static void Interrupt(PlanBook book, Random random)
    {
        var running = new List<PlannedAction>();
        for (var i = random.Next(book.Actions.Count + 1); i >= 0; i--)
        {
            running.AddRange(book.BeginReady());
            if (running.Count == 0)
                return;
            var next = running[random.Next(running.Count)];
            running.Remove(next);
            book.Complete(next.Id, new ActionResult());
        }
        foreach (var (action, index) in running.Select((a, i) => (a, i)))
        {
            if (index == 0)
                book.Fail(action.Id, new StepError(ErrorTypes.Transient, "no"));
            else
                book.Cancel(action.Id);
        }
    }

    private static PlanBook BookOf(byte size, int seed)
    {
        var random = new Random(seed);
        var actions = Enumerable.Range(0, size % 12 + 1)
            .Select(i => Action($"a{i}", [.. Enumerable.Range(0, i).Where(_ => random.Next(3) == 0).Select(b => $"a{b}")]));
        return new PlanBook(new ChangePlan { Actions = [.. actions] }, []);
    }

    private static PlannedAction Action(string id, params string[] after) =>
        new() { Id = id, Kind = ActionKind.Create, Scope = Scopes.Environment("staging"), After = after, Title = id, Name = id };
}
