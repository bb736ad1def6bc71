using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using static Onramp.EmbeddedServer.Tests.History.Support.Commands;

namespace Onramp.EmbeddedServer.Tests.History.Support;

/// <summary>Clients, workers and operators that do anything at any time to a few workflows which know each other. A seed repeats it.</summary>
public sealed class RandomWalk(World world, int seed)
{
    private static readonly string[] Ids = ["order", "part", "third"];

    private readonly Random random = new(seed);
    private readonly List<PollWorkflowTaskQueueResponse> tasks = [];
    private readonly List<PollActivityTaskQueueResponse> activities = [];

    /// <summary>Every run that there ever was.</summary>
    public HashSet<(string WorkflowId, string RunId)> Runs { get; } = [];

    /// <summary>What was done, for whoever reads why a walk failed.</summary>
    public List<string> Log { get; } = [];

    /// <exception cref="RefusalException">It was a fault of the server's own, and none that Temporal's server has too and masks.</exception>
    public async Task StepAsync()
    {
        var (name, act) = Choose();
        Log.Add(name);
        try
        {
            await act();
        }
        catch (RefusalException refused) when (refused.Kind != RefusalKind.Internal || refused.InnerException is FormatException)
        {
            Log.Add($"  {refused.Kind}: {refused.Message}");
        }

        NoteRuns();
    }

    private (string Name, Func<Task> Act) Choose() => random.Next(40) switch
    {
        0 or 1 or 2 => ("start", StartAsync),
        3 or 4 => ("signal", () => world.SignalAsync("s", Id(), random.Next(3) == 0 ? "again" : "")),
        5 => ("cancel", () => random.Next(3) == 0 ? world.RequestCancelAsync(Id()) : Task.CompletedTask),
        6 => ("terminate", () => random.Next(6) == 0 ? world.TerminateAsync(Id()) : Task.CompletedTask),
        7 or 8 => ("update", UpdateAsync),
        9 or 10 => ("poll", PollAsync),
        11 or 12 => ("answer", AnswerAsync),
        13 or 14 or 15 or 16 or 17 or 18 => ("work", WorkAsync),
        19 or 20 or 21 => ("poll activity", async () => Keep(activities, await world.TryPollActivityAsync())),
        22 or 23 or 24 or 25 => ("answer activity", AnswerActivityAsync),
        26 or 27 => ("operate", OperateAsync),
        28 => ("reset", ResetAsync),
        29 or 30 or 31 => ("pass a moment", () => world.PassAsync(TimeSpan.FromSeconds(random.Next(9)))),
        32 => ("pass", () => world.PassAsync(TimeSpan.FromSeconds(random.Next(90)))),
        33 => ("restart", () => random.Next(3) == 0 ? world.RestartAsync() : Task.CompletedTask),
        34 => ("fail the next commit", () => Task.FromResult(world.Store.FailsNextCommit = random.Next(2) == 0)),
        35 => ("hold mail", () => Task.FromResult(world.Store.HoldsMail = random.Next(2) == 0 ? row => row.To.WorkflowId == "part" : _ => false)),
        _ => ("settle", world.SettleAsync),
    };

    /// <summary>Nothing fails any more, and what was tried in vain is tried again.</summary>
    public async Task CalmAsync()
    {
        world.Store.FailsNextCommit = false;
        world.Store.HoldsMail = _ => false;
        await world.PassAsync(TimeSpan.FromMinutes(3));
        await world.SettleAsync();
        NoteRuns();
    }

    private string Id() => Ids[random.Next(Ids.Length)];

    private string Small(string prefix) => prefix + random.Next(3);

    private T? Any<T>(List<T> from)
        where T : class
    {
        if (from.Count == 0)
        {
            return null;
        }

        var index = random.Next(from.Count);
        var one = from[index];

        // Some come twice, as when an answer was lost.
        if (random.Next(5) > 0)
        {
            from.RemoveAt(index);
        }

        return one;
    }

    private static void Keep<T>(List<T> into, T? one)
        where T : class
    {
        if (one is not null)
        {
            into.Add(one);
        }
    }

    private Task StartAsync() => world.StartAsync(Id(), r =>
    {
        r.RequestId = Guid.NewGuid().ToString();
        r.WorkflowIdConflictPolicy = random.Next(6) == 0 ? WorkflowIdConflictPolicy.TerminateExisting : WorkflowIdConflictPolicy.Fail;
        r.WorkflowRunTimeout = random.Next(4) == 0 ? Seconds(200) : null;
        r.CronSchedule = random.Next(12) == 0 ? "* * * * *" : "";
        r.RetryPolicy = random.Next(6) == 0 ? new RetryPolicy { MaximumAttempts = 3 } : null;
    });

    private Task UpdateAsync()
    {
        var request = UpdateWorker.Request(Small("u"));
        request.WorkflowExecution.WorkflowId = Id();
        return world.Engine.Updates.UpdateAsync(World.Namespace, request, TimeSpan.Zero, CancellationToken.None);
    }

    private async Task PollAsync()
    {
        var task = await world.TryPollAsync();
        if (task is not null && random.Next(8) == 0)
        {
            await world.Engine.WorkflowTasks.AbandonAsync(World.Namespace, task);
            return;
        }

        Keep(tasks, task);
    }

    /// <summary>As a worker does that is there and well.</summary>
    private async Task WorkAsync()
    {
        Keep(tasks, await world.TryPollAsync());
        await AnswerAsync();
    }

    private async Task AnswerAsync()
    {
        if (Any(tasks) is not { } task)
        {
            return;
        }

        if (random.Next(12) == 0)
        {
            await world.FailTaskAsync(task);
            return;
        }

        var commands = Enumerable.Range(0, random.Next(4)).Select(_ => Command()).Concat(random.Next(6) == 0 ? [Closing()] : []).ToArray();
        await world.CompleteAsync(
            task,
            r =>
            {
                if (random.Next(2) == 0)
                {
                    World.KeepSticky(r);
                }

                r.ForceCreateNewWorkflowTask = random.Next(10) == 0;
                switch (random.Next(3))
                {
                    case 0:
                        r.Accept(task);
                        break;
                    case 1:
                        r.Reject(task);
                        break;
                }
            },
            commands);
    }

    private Command Command() => random.Next(13) switch
    {
        0 or 1 => Activity(Small("a"), a =>
        {
            a.StartToCloseTimeout = Seconds(random.Next(1, 60));
            a.ScheduleToCloseTimeout = random.Next(3) == 0 ? Seconds(100) : null;
            a.HeartbeatTimeout = random.Next(3) == 0 ? Seconds(10) : null;
            a.RequestEagerExecution = random.Next(4) == 0;
        }),
        2 => CancelActivity(random.Next(4, 20)),
        3 or 4 => Timer(Small("t"), random.Next(60)),
        5 => CancelTimer(Small("t")),
        6 or 7 => Child(Id(), c => c.ParentClosePolicy = (ParentClosePolicy)random.Next(1, 4)),
        8 => CancelChild(Id()),
        9 => SignalOther(Id(), "from afar"),
        10 => CancelOther(Id()),
        11 => UpsertMemo("k", Small("v")),
        _ => Timer(Small("t"), 5),
    };

    private Command Closing() => random.Next(5) switch
    {
        0 => Fail(),
        1 => Cancel(),
        2 or 3 => ContinueAsNew(),
        _ => Complete(),
    };

    private async Task AnswerActivityAsync()
    {
        if (Any(activities) is not { } task)
        {
            return;
        }

        switch (random.Next(6))
        {
            case 0:
                await world.FailActivityAsync(task, retryable: random.Next(3) > 0);
                break;
            case 1:
                await world.Engine.ActivityAnswers.HeartbeatAsync(World.Namespace, new RecordActivityTaskHeartbeatRequest { TaskToken = task.TaskToken });
                break;
            case 2:
                await world.Engine.ActivityAnswers.CancelAsync(World.Namespace, new RespondActivityTaskCanceledRequest { TaskToken = task.TaskToken });
                break;
            case 3:
                await world.Engine.Activities.AbandonAsync(World.Namespace, task);
                break;
            default:
                await world.CompleteActivityAsync(task);
                break;
        }
    }

    private async Task OperateAsync()
    {
        var id = Small("a");
        switch (random.Next(5))
        {
            case 0:
                await world.PauseActivityAsync(id);
                break;
            case 1:
                await world.UnpauseActivityAsync(id, r => r.ResetAttempts = random.Next(2) == 0);
                break;
            case 2:
                await world.ResetActivityAsync(id, r => r.KeepPaused = random.Next(2) == 0);
                break;
            case 3:
                await world.ChangeOptionsAsync(id, new() { StartToCloseTimeout = Seconds(30) }, "start_to_close_timeout");
                break;
            default:
                await world.Engine.ActivityAnswers.CompleteAsync(World.Namespace, new RespondActivityTaskCompletedByIdRequest { WorkflowId = "order", ActivityId = id });
                break;
        }
    }

    private Task ResetAsync() => world.Engine.Resets.ResetAsync(World.Namespace, new ResetWorkflowExecutionRequest
    {
        WorkflowExecution = new WorkflowExecution { WorkflowId = Id() },
        WorkflowTaskFinishEventId = random.Next(2, 12),
        RequestId = Guid.NewGuid().ToString(),
        Reason = "once more",
    });

    private void NoteRuns()
    {
        foreach (var id in Ids)
        {
            if (world.Store.FindCurrentRunId(World.Namespace.Id, id) is { } runId)
            {
                Runs.Add((id, runId));
            }
        }
    }
}
