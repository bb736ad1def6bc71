using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Client;

namespace Onramp.Core.Tests;

/// <summary>Services and changes read well in Temporal's UI.</summary>
public sealed class DetailsTests
{
    private const string MetadataQuery = "__temporal_workflow_metadata";

    [Fact]
    public async Task Services_and_changes_say_what_they_are_what_they_wait_for_and_what_can_be_asked_of_them()
    {
        await using var world = await World.StartAsync();
        var asked = await world.OnboardAsync("orders", "staging", caller: "ada|b");
        await world.UntilAsync("orders", asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        var change = world.Change("orders", asked.ChangeId);
        await world.ApproveAsync("orders", asked.ChangeId);
        await world.EndedAsync("orders", asked.ChangeId);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);

        var described = await change.DescribeAsync();
        var seen = await change.QueryAsync<WorkflowMetadata>(MetadataQuery, []);
        var service = await world.Service("orders").QueryAsync<WorkflowMetadata>(MetadataQuery, []);
        var unnamed = (await change.FetchHistoryAsync()).Events.Concat((await world.Service("orders").FetchHistoryAsync()).Events)
            .Where(e => e.EventType is EventType.ActivityTaskScheduled or EventType.TimerStarted or EventType.StartChildWorkflowExecutionInitiated && e.UserMetadata?.Summary is null)
            .Select(e => $"{e.EventId} {e.EventType}");

        unnamed.ShouldBeEmpty();
        (await described.GetStaticSummaryAsync()).ShouldBe("#1 Onboard orders in staging, asked by ada\\|b");
        (await described.GetStaticDetailsAsync()).ShouldBe("**Onboard orders in staging**, asked by ada\\|b.\n\nFor team payments.\n\n> Takes orders\n");
        seen.CurrentDetails.ShouldSatisfyAllConditions(
            text => text.ShouldStartWith("**Completed**: "), text => text.ShouldContain("| action | thing | name | state | link |\n"), text => text.ShouldContain("| ✓ done |"));
        service.CurrentDetails.ShouldSatisfyAllConditions(text => text.ShouldStartWith("**orders** of team payments: "), text => text.ShouldContain("| staging | "));
        Definitions(seen).Concat(Definitions(service)).Where(d => d.Description.Length == 0).Select(d => d.Name).ShouldBeEmpty();
    }

    private static IEnumerable<WorkflowInteractionDefinition> Definitions(WorkflowMetadata metadata) =>
        metadata.Definition.SignalDefinitions.Concat(metadata.Definition.QueryDefinitions).Concat(metadata.Definition.UpdateDefinitions)
            .Where(d => !d.Name.StartsWith("__", StringComparison.Ordinal));
}
