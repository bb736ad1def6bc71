using Temporalio.Api.Batch.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Queue = Temporalio.Api.TaskQueue.V1.TaskQueue;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>Client of a batch operation that signals many workflows, which nobody works on. At the end each has been signalled once.</summary>
internal sealed class BatchScript(MortalServer server, string jobId, int targets) : ICrashScript
{
    private const string Namespace = "default";
    private const string Signal = "batched";

    public async Task StartTargetsAsync(CancellationToken cancellationToken)
    {
        var starts = Enumerable.Range(0, targets).Select(number => server.CallAsync<StartWorkflowExecutionResponse>(
            new StartWorkflowExecutionRequest
            {
                Namespace = Namespace,
                WorkflowId = WorkflowId(number),
                WorkflowType = new WorkflowType { Name = "Target" },
                TaskQueue = new Queue { Name = "nobody-polls" },
                RequestId = $"start-{number}",
            },
            cancellationToken));
        await Task.WhenAll(starts);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await DescribeAsync(cancellationToken)).State == BatchOperationState.Running)
        {
            await pace.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var description = await DescribeAsync(cancellationToken);
        description.State.ShouldBe(BatchOperationState.Completed);
        description.TotalOperationCount.ShouldBe(targets);
        description.CompleteOperationCount.ShouldBe(targets);
        for (var number = 0; number < targets; number++)
        {
            var history = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(
                new GetWorkflowExecutionHistoryRequest { Namespace = Namespace, Execution = new WorkflowExecution { WorkflowId = WorkflowId(number) } }, cancellationToken);
            history.History.Events.Count(e => e.WorkflowExecutionSignaledEventAttributes?.SignalName == Signal).ShouldBe(1, WorkflowId(number));
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await server.CallAsync<StartBatchOperationResponse>(
                new StartBatchOperationRequest
                {
                    Namespace = Namespace,
                    JobId = jobId,
                    Reason = "a test of kills",
                    VisibilityQuery = "WorkflowType = 'Target'",
                    MaxOperationsPerSecond = 100,
                    SignalOperation = new BatchOperationSignal { Signal = Signal },
                },
                cancellationToken);
        }
        catch (RepeatedCallException refused) when (refused.Code == Grpc.Core.StatusCode.AlreadyExists)
        {
            // The server had begun it before it died.
        }
    }

    private Task<DescribeBatchOperationResponse> DescribeAsync(CancellationToken cancellationToken) => server.CallAsync<DescribeBatchOperationResponse>(
        new DescribeBatchOperationRequest { Namespace = Namespace, JobId = jobId }, cancellationToken);

    private static string WorkflowId(int number) => $"target-{number}";
}
