using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>A run reads well in Temporal's UI.</summary>
public sealed class DetailsTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
{
    private const string MetadataQuery = "__temporal_workflow_metadata";

    [Fact]
    public async Task Every_activity_and_timer_says_what_it_is_for()
    {
        var systems = new FakeSystems()
            .OnDo(StepIds.Repository, times => Task.FromResult<StepResult?>(times < 3 ? new StepResult { Ready = false, WaitingFor = "the template" } : null))
            .OnUndo(StepIds.Repository, times => times < 2 ? throw new ApplicationFailureException("not yet", ErrorTypes.Conflict, nonRetryable: true) : Task.FromResult<UndoResult?>(null))
            .OnDo(StepIds.Namespace, StepResult? (_) => throw new ApplicationFailureException("taken", ErrorTypes.Conflict, nonRetryable: true));
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var events = (await handle.FetchHistoryAsync()).Events.Where(e => e.EventType is EventType.ActivityTaskScheduled or EventType.TimerStarted).ToList();
            (events.Count(e => e.EventType == EventType.TimerStarted) >= 3, events.Where(e => e.UserMetadata?.Summary?.Data.Length is null or <= 2).Select(e => e.EventId))
                .ShouldSatisfyAllConditions(seen => seen.Item1.ShouldBeTrue(), seen => seen.Item2.ShouldBeEmpty());
        });
    }

    [Fact]
    public async Task Current_details_are_a_table_of_steps_with_state_attempt_and_link()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await handle.GetResultAsync();

            var details = (await handle.QueryAsync<WorkflowMetadata>(MetadataQuery, [])).CurrentDetails.Split('\n');

            details.ShouldSatisfyAllConditions(
                lines => lines[0].ShouldStartWith("**Completed**: orders is ready"),
                lines => lines.ShouldContain("| system | step | state | attempt | link |"),
                lines => lines.ShouldContain(l => l.StartsWith("| github | Repository", StringComparison.Ordinal) && l.Contains("| ✓ done | 1 | [look](http", StringComparison.Ordinal)));
        });
    }

    [Fact]
    public async Task What_an_error_says_takes_no_table_apart()
    {
        var systems = new FakeSystems().OnDo(StepIds.Namespace, StepResult? (_) => throw new ApplicationFailureException("a | b\n<script>", ErrorTypes.Conflict, nonRetryable: true));
        await environment.WithWorkerAsync(systems, async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());

            var details = (await handle.QueryAsync<WorkflowMetadata>(MetadataQuery, [])).CurrentDetails;

            details.ShouldStartWith("**Compensated**: a \\| b \\<script\\>");
        });
    }

    [Fact]
    public async Task Its_signals_and_queries_are_described()
    {
        await environment.WithWorkerAsync(new FakeSystems(), async run =>
        {
            var handle = await run.StartAsync(Requests.Orders);
            await handle.GetResultAsync();

            var definition = (await handle.QueryAsync<WorkflowMetadata>(MetadataQuery, [])).Definition;

            definition.SignalDefinitions.Concat(definition.QueryDefinitions).Where(d => !d.Name.StartsWith("__", StringComparison.Ordinal) && d.Description.Length == 0).ShouldBeEmpty();
        });
    }

    [Fact]
    public void What_is_asked_for_is_told_when_it_starts()
    {
        var request = Requests.Orders with { Description = "Takes *orders*", Requester = "grace|x" };

        OnboardingDetails.Of(request).ShouldSatisfyAllConditions(
            text => text.ShouldStartWith($"**orders** in {request.Environment}, for team {request.Team}, asked for by grace\\|x.\n"),
            text => text.ShouldContain("\n> Takes \\*orders\\*\n"));
    }
}
