using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using Queue = Temporalio.Api.TaskQueue.V1.TaskQueue;

namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>
/// Client and worker of one workflow, through as many rounds as told: signal it, complete its task with a marker, an activity and a
/// timer, complete the activity. Whatever was answered is noted; at the end the history must have each of them exactly once.
/// </summary>
internal sealed class CrashScript(MortalServer server, string workflowId, int rounds, Random random) : ICrashScript
{
    private const string Namespace = "default";
    private static readonly Duration Second = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));

    private readonly Queue _queue = new() { Name = $"queue-of-{workflowId}" };
    private readonly List<string> _acknowledged = [];
    private string _runId = "";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        for (var round = 0; round < rounds; round++)
        {
            await SignalAsync(round, cancellationToken);
            await CompleteTaskAsync($"marker-{round}", [Marker(round), Activity(round), Timer(round)], cancellationToken);
            await CompleteActivityAsync(round, cancellationToken);
        }

        await WaitForAsync(events => events.Count(e => e.EventType == EventType.TimerFired) >= rounds, cancellationToken);
        await CompleteTaskAsync("end", [Complete()], cancellationToken);
    }

    /// <summary>Compares the stored history with what was answered.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var events = await ReadHistoryAsync(cancellationToken);
        events.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, events.Count).Select(id => (long)id), workflowId);
        var happened = events.Select(Describe).OfType<string>().ToArray();
        var twice = happened.GroupBy(one => one, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key);
        twice.ShouldBeEmpty(workflowId);
        _acknowledged.Except(happened, StringComparer.Ordinal).ShouldBeEmpty(workflowId);
        for (var round = 0; round < rounds; round++)
        {
            happened.ShouldContain($"timer-{round} fired", workflowId);
        }

        events[^1].EventType.ShouldBe(EventType.WorkflowExecutionCompleted, workflowId);
    }

    private static string? Describe(HistoryEvent e) => e.EventType switch
    {
        EventType.WorkflowExecutionStarted => $"started {e.WorkflowExecutionStartedEventAttributes.OriginalExecutionRunId}",
        EventType.WorkflowExecutionSignaled => e.WorkflowExecutionSignaledEventAttributes.SignalName,
        EventType.MarkerRecorded => e.MarkerRecordedEventAttributes.MarkerName,
        EventType.ActivityTaskScheduled => $"{e.ActivityTaskScheduledEventAttributes.ActivityId} scheduled",
        EventType.ActivityTaskCompleted => e.ActivityTaskCompletedEventAttributes.Result.Payloads_[0].Data.ToStringUtf8(),
        EventType.TimerStarted => $"{e.TimerStartedEventAttributes.TimerId} started",
        EventType.TimerFired => $"{e.TimerFiredEventAttributes.TimerId} fired",
        EventType.WorkflowExecutionCompleted => "end",
        _ => null,
    };

    private static Command Marker(int round) => new()
    {
        CommandType = CommandType.RecordMarker,
        RecordMarkerCommandAttributes = new RecordMarkerCommandAttributes { MarkerName = $"marker-{round}" },
    };

    private static Command Complete() => new()
    {
        CommandType = CommandType.CompleteWorkflowExecution,
        CompleteWorkflowExecutionCommandAttributes = new CompleteWorkflowExecutionCommandAttributes(),
    };

    private Command Activity(int round) => new()
    {
        CommandType = CommandType.ScheduleActivityTask,
        ScheduleActivityTaskCommandAttributes = new ScheduleActivityTaskCommandAttributes
        {
            ActivityId = $"activity-{round}",
            ActivityType = new ActivityType { Name = "Work" },
            TaskQueue = _queue,
            // A worker that lost its server tries again as the next attempt.
            StartToCloseTimeout = Second,
            RetryPolicy = new RetryPolicy { InitialInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(10)) },
        },
    };

    private Command Timer(int round) => new()
    {
        CommandType = CommandType.StartTimer,
        StartTimerCommandAttributes = new StartTimerCommandAttributes
        {
            TimerId = $"timer-{round}",
            StartToFireTimeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(random.Next(1, 1500))),
        },
    };

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var response = await server.CallAsync<StartWorkflowExecutionResponse>(
            new StartWorkflowExecutionRequest
            {
                Namespace = Namespace,
                WorkflowId = workflowId,
                WorkflowType = new WorkflowType { Name = "Crash" },
                TaskQueue = _queue,
                WorkflowTaskTimeout = Second,
                RequestId = $"start-{workflowId}",
                Identity = "crash-test",
            },
            cancellationToken);
        _runId = response.RunId;
        Note($"started {response.RunId}");
    }

    private async Task SignalAsync(int round, CancellationToken cancellationToken)
    {
        await server.CallAsync<SignalWorkflowExecutionResponse>(
            new SignalWorkflowExecutionRequest
            {
                Namespace = Namespace,
                WorkflowExecution = new WorkflowExecution { WorkflowId = workflowId, RunId = _runId },
                SignalName = $"signal-{round}",
                RequestId = $"signal-{workflowId}-{round}",
                Identity = "crash-test",
            },
            cancellationToken);
        Note($"signal-{round}");
    }

    /// <summary>Polls and completes until this completion is known to have happened.</summary>
    private async Task CompleteTaskAsync(string mark, Command[] commands, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await server.PollAsync(_queue, cancellationToken) is not { } task)
            {
                continue;
            }

            try
            {
                await server.CompleteAsync(task, commands, cancellationToken);
            }
            catch (Exception failure) when (CrashWorker.IsStale(failure) || IsUnhandledCommand(failure))
            {
                // The task timed out, or the completion was carried out by a server that died before it could say so.
                if (!(await ReadHistoryAsync(cancellationToken)).Any(e => Describe(e) == mark))
                {
                    continue;
                }
            }

            Note(mark);
            foreach (var command in commands)
            {
                NoteCommand(command);
            }

            return;
        }
    }

    private async Task CompleteActivityAsync(int round, CancellationToken cancellationToken)
    {
        var result = $"activity-{round} completed";
        while (true)
        {
            var task = await server.CallAsync<PollActivityTaskQueueResponse>(
                new PollActivityTaskQueueRequest { Namespace = Namespace, TaskQueue = _queue, Identity = "crash-test" }, cancellationToken);
            if (task.TaskToken.IsEmpty)
            {
                continue;
            }

            task.ActivityId.ShouldBe($"activity-{round}", workflowId);
            try
            {
                await server.CallAsync<RespondActivityTaskCompletedResponse>(
                    new RespondActivityTaskCompletedRequest
                    {
                        Namespace = Namespace,
                        TaskToken = task.TaskToken,
                        Identity = "crash-test",
                        Result = new Payloads { Payloads_ = { new Payload { Data = ByteString.CopyFromUtf8(result) } } },
                    },
                    cancellationToken);
            }
            catch (Exception failure) when (CrashWorker.IsStale(failure))
            {
                if (!(await ReadHistoryAsync(cancellationToken)).Any(e => Describe(e) == result))
                {
                    continue;
                }
            }

            Note(result);
            return;
        }
    }

    private static bool IsUnhandledCommand(Exception failure) => failure switch
    {
        RepeatedCallException repeated => repeated.Message,
        RpcException refusal => refusal.Status.Detail,
        _ => null,
    } == "UnhandledCommand";

    private async Task WaitForAsync(Func<IReadOnlyList<HistoryEvent>, bool> condition, CancellationToken cancellationToken)
    {
        // The history call that waits returns with the next event; what it returns is looked at as a whole.
        var token = ByteString.Empty;
        var events = new List<HistoryEvent>();
        while (!condition(events))
        {
            var response = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(HistoryRequest(wait: true, token), cancellationToken);
            events.AddRange(response.History.Events);
            token = response.NextPageToken;
        }
    }

    private async Task<IReadOnlyList<HistoryEvent>> ReadHistoryAsync(CancellationToken cancellationToken)
    {
        var token = ByteString.Empty;
        var events = new List<HistoryEvent>();
        do
        {
            var response = await server.CallAsync<GetWorkflowExecutionHistoryResponse>(HistoryRequest(wait: false, token), cancellationToken);
            events.AddRange(response.History.Events);
            token = response.NextPageToken;
        }
        while (!token.IsEmpty);

        return events;
    }

    private GetWorkflowExecutionHistoryRequest HistoryRequest(bool wait, ByteString token) => new()
    {
        Namespace = Namespace,
        Execution = new WorkflowExecution { WorkflowId = workflowId, RunId = _runId },
        WaitNewEvent = wait,
        NextPageToken = token,
    };

    private void NoteCommand(Command command)
    {
        switch (command.CommandType)
        {
            case CommandType.ScheduleActivityTask:
                Note(string.Create(CultureInfo.InvariantCulture, $"{command.ScheduleActivityTaskCommandAttributes.ActivityId} scheduled"));
                break;
            case CommandType.StartTimer:
                Note($"{command.StartTimerCommandAttributes.TimerId} started");
                break;
        }
    }

    private void Note(string fact) => _acknowledged.Add(fact);
}
