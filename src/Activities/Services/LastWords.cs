using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace Onramp.Activities.Services;

/// <summary>What a change that has ended said to its service last; it stands in the change's own history, whatever became of the service.</summary>
internal static class LastWords
{
    /// <summary>After its word it only tells people.</summary>
    private const int EventsFromTheEnd = 100;

    /// <returns>Null: it ended without a word, because somebody stopped it.</returns>
    public static async Task<ChangeFinished?> OfAsync(ITemporalClient client, string workflowId, string runId, RpcOptions rpc)
    {
        var page = await client.WorkflowService.GetWorkflowExecutionHistoryReverseAsync(
            new GetWorkflowExecutionHistoryReverseRequest
            {
                Namespace = client.Options.Namespace,
                Execution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = workflowId, RunId = runId },
                MaximumPageSize = EventsFromTheEnd,
            },
            rpc);
        foreach (var happened in page.History.Events)
        {
            if (WordIn(happened) is { } word)
                return await client.Options.DataConverter.ToValueAsync<ChangeFinished>(word);
            if (ToldIn(happened) is { } told && (await client.Options.DataConverter.ToValueAsync<TellInput>(told)).Finished is { } finished)
                return finished;
        }
        return null;
    }

    /// <summary>Said by signal.</summary>
    private static Payload? WordIn(HistoryEvent happened) =>
        happened.EventType == EventType.SignalExternalWorkflowExecutionInitiated
        && happened.SignalExternalWorkflowExecutionInitiatedEventAttributes is { SignalName: ServiceContract.FinishedSignal } said
            ? said.Input.Payloads_[0]
            : null;

    /// <summary>Said by activity, to a service that had to be started for it.</summary>
    private static Payload? ToldIn(HistoryEvent happened) =>
        happened.EventType == EventType.ActivityTaskScheduled && happened.ActivityTaskScheduledEventAttributes is { ActivityType.Name: ServiceContract.Tell } told
            ? told.Input.Payloads_[0]
            : null;
}
