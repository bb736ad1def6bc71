using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using Queue = Temporalio.Api.TaskQueue.V1.TaskQueue;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// Client and worker of a schedule that acts every second, a stated number of times, one after the other. At the end it has taken that many
/// actions, there are that many workflows, and it knows of the end of each.
/// </summary>
internal sealed class ScheduleScript(MortalServer server, string scheduleId, int actions) : ICrashScript
{
    private const string Namespace = "default";

    private static readonly Command Complete = new() { CommandType = CommandType.CompleteWorkflowExecution, CompleteWorkflowExecutionCommandAttributes = new() };

    private readonly Queue _queue = new() { Name = $"queue-of-{scheduleId}" };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await server.CallAsync<CreateScheduleResponse>(Creation(), cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var serving = ServeAsync(ended.Token);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!IsOver((await DescribeAsync(cancellationToken)).Info))
        {
            await pace.WaitForNextTickAsync(cancellationToken);
        }

        await ended.CancelAsync();
        await serving;
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var count = await server.CallAsync<CountWorkflowExecutionsResponse>(
            new CountWorkflowExecutionsRequest { Namespace = Namespace, Query = $"TemporalScheduledById = '{scheduleId}' AND ExecutionStatus = 'Completed'" },
            cancellationToken);
        var all = await server.CallAsync<CountWorkflowExecutionsResponse>(
            new CountWorkflowExecutionsRequest { Namespace = Namespace, Query = $"TemporalScheduledById = '{scheduleId}'" }, cancellationToken);
        var description = await DescribeAsync(cancellationToken);

        count.Count.ShouldBe(actions, scheduleId);
        all.Count.ShouldBe(actions, scheduleId);
        description.Info.ActionCount.ShouldBe(actions, scheduleId);
        description.Info.MissedCatchupWindow.ShouldBe(0, scheduleId);
        description.Info.OverlapSkipped.ShouldBe(0, scheduleId);
        description.Info.RecentActions.ShouldAllBe(action => action.StartWorkflowStatus == WorkflowExecutionStatus.Completed);
    }

    private CreateScheduleRequest Creation() => new()
    {
        Namespace = Namespace,
        ScheduleId = scheduleId,
        RequestId = $"create-{scheduleId}",
        Schedule = new Schedule
        {
            Spec = new ScheduleSpec { Interval = { new IntervalSpec { Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) } } },
            Policies = new SchedulePolicies { OverlapPolicy = ScheduleOverlapPolicy.BufferAll },
            State = new ScheduleState { LimitedActions = true, RemainingActions = actions },
            Action = new ScheduleAction
            {
                StartWorkflow = new NewWorkflowExecutionInfo
                {
                    WorkflowId = $"action-of-{scheduleId}",
                    WorkflowType = new WorkflowType { Name = "Crash" },
                    TaskQueue = _queue,
                    WorkflowTaskTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
                },
            },
        },
    };

    private bool IsOver(ScheduleInfo info) => info.ActionCount >= actions && info.RunningWorkflows.Count == 0;

    private Task<DescribeScheduleResponse> DescribeAsync(CancellationToken cancellationToken) => server.CallAsync<DescribeScheduleResponse>(
        new DescribeScheduleRequest { Namespace = Namespace, ScheduleId = scheduleId }, cancellationToken);

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await server.TryCompleteNextAsync(_queue, [Complete], cancellationToken);
            }
        }
        catch (Exception stopped) when (cancellationToken.IsCancellationRequested && stopped is OperationCanceledException or RpcException)
        {
            // Told to.
        }
    }
}
