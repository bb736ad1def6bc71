using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Schedules.Specs;
using Onramp.EmbeddedServer.Tests.History.Support;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Schedule.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Schedules;

/// <summary>The schedules of an engine under test, each of a workflow <c>report</c>; the test plays their worker.</summary>
internal sealed class ScheduleBook(World world)
{
    public const string Id = "daily";

    private int requests;

    public ScheduleEngine Engine => world.Engine.Schedules;

    public static Schedule Of(Action<Schedule>? change = null)
    {
        var schedule = new Schedule
        {
            Spec = new ScheduleSpec(),
            Policies = new SchedulePolicies(),
            State = new ScheduleState(),
            Action = new ScheduleAction
            {
                StartWorkflow = new NewWorkflowExecutionInfo
                {
                    WorkflowId = "report",
                    WorkflowType = new WorkflowType { Name = "Report" },
                    TaskQueue = new TaskQueue { Name = "reports", Kind = TaskQueueKind.Normal },
                },
            },
        };
        change?.Invoke(schedule);
        schedule.Spec = SpecCanon.Of(schedule.Spec);
        return schedule;
    }

    public static Schedule Hourly(Action<Schedule>? change = null) => Of(schedule =>
    {
        schedule.Spec.Interval.Add(new IntervalSpec { Interval = Duration.FromTimeSpan(TimeSpan.FromHours(1)) });
        change?.Invoke(schedule);
    });

    public async Task<ByteString> CreateAsync(Schedule schedule, string id = Id, SchedulePatch? patch = null) =>
        (await Engine.CreateAsync(World.Namespace, new CreateScheduleRequest
        {
            ScheduleId = id,
            Schedule = schedule,
            RequestId = $"create-{++requests}",
            InitialPatch = patch,
        })).ConflictToken;

    public async Task PatchAsync(SchedulePatch patch)
    {
        await Engine.PatchAsync(World.Namespace, Id, patch);
        await world.SettleAsync();
    }

    public Task TriggerAsync(ScheduleOverlapPolicy policy = ScheduleOverlapPolicy.Unspecified) =>
        PatchAsync(new SchedulePatch { TriggerImmediately = new TriggerImmediatelyRequest { OverlapPolicy = policy } });

    public DescribeScheduleResponse Describe() => Engine.Describe(World.Namespace, Id);

    public ScheduleInfo Info => Describe().Info;

    /// <summary>The workflow ids of the actions that were taken, without the name that all share.</summary>
    public string Taken => string.Join(' ', Info.RecentActions.Select(action => action.StartWorkflowResult.WorkflowId["report-2026-03-".Length..]));

    /// <summary>Lets the oldest workflow that waits for a worker end.</summary>
    public async Task EndAsync(Temporalio.Api.Command.V1.Command? command = null)
    {
        await world.CompleteAsync(await world.PollAsync("reports"), command ?? Commands.Complete());
        await world.SettleAsync();
    }

    public static Temporalio.Api.Command.V1.Command CompleteWith(string result)
    {
        var command = Commands.Complete();
        command.CompleteWorkflowExecutionCommandAttributes.Result = World.Text(result);
        return command;
    }
}
