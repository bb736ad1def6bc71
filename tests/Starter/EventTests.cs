using Onramp.Starter.Events;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Tests;

/// <summary>What a listener is told, from what it has seen and what is.</summary>
public sealed class EventTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_listener_is_told_everything_in_the_order_it_happened()
    {
        var progress = Progress(OnboardingPhase.ProvisioningAzure,
            Step("vault", StepState.Running, startedAt: 3),
            Step("repository", StepState.Succeeded, startedAt: 1, endedAt: 2),
            Step("namespace", StepState.Pending));
        Tell(EventCursor.Start("run"), progress).ShouldBe(
        [
            "phase ProvisioningAzure", "step repository running", "step repository succeeded", "step vault running",
        ]);
    }

    [Fact]
    public void A_listener_that_is_up_to_date_is_told_nothing()
    {
        var cursor = EventCursor.Start("run");
        var progress = Progress(OnboardingPhase.Verifying, Step("repository", StepState.Succeeded, 1, 2), Step("vault", StepState.Running, 3));
        Tell(cursor, progress);
        Tell(cursor, progress).ShouldBeEmpty();
    }

    [Fact]
    public void A_listener_that_comes_back_with_any_id_misses_nothing_and_sees_nothing_twice()
    {
        var progress = Progress(OnboardingPhase.Completed,
            Step("repository", StepState.Succeeded, 1, 2), Step("vault", StepState.Warning, 2, 4), Step("namespace", StepState.Skipped));
        var all = ServiceEvents.CatchUp(EventCursor.Start("run"), progress, isClosed: true).ToList();
        var texts = all.Select(Text).ToList();
        for (var seen = 0; seen < all.Count - 1; seen++)
        {
            var cursor = EventCursor.TryParse(all[seen].Id).ShouldNotBeNull();
            Tell(cursor, progress, isClosed: true).ShouldBe(texts[(seen + 1)..]);
        }
    }

    [Fact]
    public void Each_attempt_of_a_running_step_is_told_once()
    {
        var cursor = EventCursor.Start("run");
        Tell(cursor, Progress(OnboardingPhase.Verifying, Step("vault", StepState.Running, 1) with { Attempt = 1 }));
        var second = Progress(OnboardingPhase.Verifying, Step("vault", StepState.Running, 1) with { Attempt = 2 });
        Tell(cursor, second).ShouldBe(["step vault running"]);
        Tell(cursor, second).ShouldBeEmpty();
    }

    [Fact]
    public void The_end_is_told_last_and_only_when_the_run_has_ended()
    {
        var progress = Progress(OnboardingPhase.Compensated, Step("repository", StepState.Undone, 1, 2));
        Tell(EventCursor.Start("run"), progress).ShouldBe(["step repository running", "step repository undone", "phase Compensated"]);
        Tell(EventCursor.Start("run"), progress, isClosed: true)[^1].ShouldBe("end Compensated");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("run:NoSuchPhase:")]
    [InlineData("run:Verifying:A")]
    [InlineData("run:Verifying:z0")]
    [InlineData("run:Verifying:A!")]
    [InlineData("run:999:")]
    public void An_id_that_is_none_of_ours_is_no_cursor(string? id) => EventCursor.TryParse(id).ShouldBeNull();

    private static List<string> Tell(EventCursor cursor, OnboardingProgress progress, bool isClosed = false) =>
        ServiceEvents.CatchUp(cursor, progress, isClosed).Select(Text).ToList();

    private static string Text(ServiceEvent happened) => happened.Data switch
    {
        StepProgress step => $"step {step.Id} {step.State.ToString().ToLowerInvariant()}",
        PhaseEvent phase => $"phase {phase.Phase}",
        EndEvent end => $"end {end.Phase}",
        _ => happened.Name,
    };

    private static OnboardingProgress Progress(OnboardingPhase phase, params StepProgress[] steps) =>
        new() { RunId = "run", Phase = phase, Status = OnboardingStatus.Provisioning, Steps = steps };

    private static StepProgress Step(string id, StepState state, int? startedAt = null, int? endedAt = null) => new()
    {
        Id = id,
        Title = id,
        State = state,
        StartedAt = startedAt is { } s ? Noon.AddSeconds(s) : null,
        EndedAt = endedAt is { } e ? Noon.AddSeconds(e) : null,
    };
}
