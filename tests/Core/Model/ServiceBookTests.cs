using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests.Model;

/// <summary>What a service decides, moment by moment.</summary>
public sealed class ServiceBookTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly ServiceBook book = new("orders", new CarriedState { Settings = new ServiceSettings { Grace = TimeSpan.FromDays(7) } });

    [Fact]
    public void A_restore_that_was_taken_in_time_keeps_the_removal_from_beginning()
    {
        Retire();
        Ask("restore", ChangeKind.Restore).Accepted.ShouldBeTrue();
        (book.Due(Now.AddDays(8)).Count, book.NextDue).ShouldBe((0, null));
    }

    [Fact]
    public void When_that_restore_fails_the_removal_is_due()
    {
        Retire();
        Ask("restore", ChangeKind.Restore);
        End("restore", ChangeKind.Restore, ChangeOutcome.Failed);
        book.Due(Now.AddDays(8)).Select(d => d.Order.Kind).ShouldBe([ChangeKind.Remove]);
    }

    [Fact]
    public void A_restore_that_was_taken_while_another_removal_began_keeps_its_own_from_beginning()
    {
        Retire();
        var due = book.Due(Now.AddDays(8)).ShouldHaveSingleItem();
        Ask("restore", ChangeKind.Restore);
        book.Accept(due, Now.AddDays(8)).Refusal.ShouldBe(RequestRefusals.NotRetiring);
    }

    [Fact]
    public void A_removal_that_is_due_begins_however_many_changes_are_open()
    {
        Retire();
        for (var i = 0; i < CarriedState.MaxOpen; i++)
            Ask($"onboard-{i}", ChangeKind.Onboard, $"environment-{i}");
        book.Accept(book.Due(Now.AddDays(8)).ShouldHaveSingleItem(), Now.AddDays(8)).Accepted.ShouldBeTrue();
    }

    [Theory]
    [InlineData(ChangeKind.Configure)]
    [InlineData(ChangeKind.Repair)]
    public void What_began_before_it_was_to_retire_does_not_bring_it_back(ChangeKind kind)
    {
        Onboard();
        Ask("earlier", kind);
        Ask("quiet", ChangeKind.Quiet);
        End("quiet", ChangeKind.Quiet, ChangeOutcome.Completed);
        End("earlier", kind, ChangeOutcome.Completed, retiring: true);
        book.State.Environments["staging"].Phase.ShouldBe(EnvironmentPhase.Retiring);
    }

    [Fact]
    public void Repaired_after_its_quieting_was_interrupted_it_retires()
    {
        Retire();
        Ask("again", ChangeKind.Quiet);
        End("repair", ChangeKind.Repair, ChangeOutcome.Completed, retiring: true);
        book.State.Environments["staging"].RetiringUntil.ShouldBe(Now.AddDays(7));
    }

    [Fact]
    public void The_same_end_told_twice_counts_once()
    {
        Onboard();
        var before = book.State.SnapshotVersion;
        End("onboard", ChangeKind.Onboard, ChangeOutcome.Completed);
        (book.State.SnapshotVersion, book.State.Ended.Count).ShouldBe((before, 1));
    }

    [Fact]
    public void A_change_that_was_stopped_after_it_asked_for_its_scopes_holds_none()
    {
        Onboard();
        Ask("stopped", ChangeKind.Configure);
        book.Interrupt("stopped", Now);
        book.Ask(new ScopesAsked { Change = new ChangeHead { ChangeId = "stopped", Order = Order(ChangeKind.Configure) }, Scopes = [Scopes.Environment("staging")] });
        book.Grant().ShouldBeEmpty();
    }

    [Fact]
    public void More_changes_than_it_may_have_open_are_refused_as_busy()
    {
        Onboard();
        for (var i = 0; i < CarriedState.MaxOpen; i++)
            Ask($"configure-{i}", ChangeKind.Configure);
        Ask("one more", ChangeKind.Configure).Refusal.ShouldBe(RequestRefusals.Busy);
    }

    private void Onboard()
    {
        Ask("onboard", ChangeKind.Onboard);
        End("onboard", ChangeKind.Onboard, ChangeOutcome.Completed);
    }

    private void Retire()
    {
        Onboard();
        Ask("quiet", ChangeKind.Quiet);
        End("quiet", ChangeKind.Quiet, ChangeOutcome.Completed);
    }

    private RequestAnswer Ask(string id, ChangeKind kind, string environment = "staging") =>
        book.Accept(new ServiceRequested { ChangeId = id, Order = Order(kind, environment), AskedBy = new Principal("ada") }, Now);

    private void End(string id, ChangeKind kind, ChangeOutcome outcome, bool retiring = false) => book.Finish(
        new ChangeFinished
        {
            Change = new ChangeHead { ChangeId = id, Order = Order(kind), AskedBy = new Principal("ada") },
            Outcome = outcome,
            Wanted = new ServiceSpec { Name = "orders", Team = "payments" }.With("staging", new EnvironmentSpec { Retiring = retiring || kind == ChangeKind.Quiet }),
        },
        Now);

    private static ChangeOrder Order(ChangeKind kind, string environment = "staging") => new() { Kind = kind, Environment = environment, Team = kind == ChangeKind.Onboard ? "payments" : null };
}
