using Onramp.EmbeddedServer.History.Transitions;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Tests.History;

public sealed class WriteLedgerTests
{
    private readonly WriteLedger ledger = new();

    [Fact]
    public void An_event_that_no_step_allows_is_a_broken_invariant()
    {
        ledger.Allow([EventType.TimerStarted]);
        ledger.Note(EventType.TimerStarted);
        ledger.Note(EventType.TimerStarted);

        Should.Throw<IllegalTransitionException>(ledger.Check).Message.ShouldContain("TimerStarted");
    }

    [Fact]
    public void An_event_that_belongs_to_no_machine_may_always_be_written()
    {
        ledger.Note(EventType.MarkerRecorded);

        Should.NotThrow(ledger.Check);
    }

    [Fact]
    public void A_step_need_not_write_all_that_it_may()
    {
        ledger.Allow([EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted]);
        ledger.Note(EventType.WorkflowTaskStarted);

        Should.NotThrow(ledger.Check);
    }
}
