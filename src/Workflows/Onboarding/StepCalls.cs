using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Onramp.Workflows.Saga;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Onramp.Workflows.Onboarding;

/// <summary>Binds rows of the step table to activity calls: one place for timeouts, retries and activity ids.</summary>
internal sealed class StepCalls(OnboardingState state)
{
    /// <summary>Attempts of an undo within one call; after them the workflow tells that it fails, and calls again.</summary>
    public const int UndoAttempts = 3;

    /// <summary>
    /// Silence after which an attempt counts as lost with its worker. What beats is the worker, every second, and a beat is what a cancel comes
    /// back with.
    /// </summary>
    private static readonly TimeSpan HeartbeatLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan NotificationLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ProfileLimit = TimeSpan.FromMinutes(10);

    public IReadOnlyList<SagaStep> Bind(IEnumerable<OnboardingStep> rows) => rows.Select(Bind).ToList();

    public Task<PlatformProfile> DescribePlatformAsync() =>
        Workflow.ExecuteActivityAsync<PlatformProfile>(ActivityNames.DescribePlatform, [], new ActivityOptions
        {
            ActivityId = StepIds.Plan,
            Summary = "Ask what the platform is",
            StartToCloseTimeout = TimeSpan.FromSeconds(30),
            ScheduleToCloseTimeout = ProfileLimit,
            RetryPolicy = Retries(attempts: 0),
        });

    /// <summary>Looks before anybody is asked. What it can't see isn't worth the run: its step will meet it.</summary>
    public async Task<LookAhead> LookAheadAsync()
    {
        try
        {
            return await Workflow.ExecuteActivityAsync<LookAhead>(ActivityNames.LookAhead, [state.InputOf(StepIds.Plan)], new ActivityOptions
            {
                ActivityId = "look-ahead",
                Summary = "Look ahead: what would stand in the way",
                StartToCloseTimeout = TimeSpan.FromSeconds(60),
                ScheduleToCloseTimeout = ProfileLimit,
                RetryPolicy = Retries(LookAhead.MaxAttempts),
            });
        }
        catch (Temporalio.Exceptions.ActivityFailureException e) when (!FailureReader.IsCancellation(e))
        {
            return new LookAhead();
        }
    }

    /// <summary>Telling somebody is best effort: it may end up as a warning, never as a failure of the run.</summary>
    public async Task NotifyAsync(NotificationInput notification)
    {
        try
        {
            await Workflow.ExecuteActivityAsync(ActivityNames.Notify, [notification], new ActivityOptions
            {
                ActivityId = $"{StepIds.Notify}-{notification.Kind}",
                Summary = Markdown.Escape($"Tell people: {notification.Title}", Markdown.MaximumSummaryBytes),
                StartToCloseTimeout = TimeSpan.FromSeconds(10),
                ScheduleToCloseTimeout = NotificationLimit,
                RetryPolicy = Retries(attempts: 5),
                CancellationToken = CancellationToken.None,
            });
        }
        catch (Temporalio.Exceptions.ActivityFailureException e)
        {
            state.Warn($"Notification '{notification.Kind}' was not delivered: {FailureReader.Read(e).Message}");
        }
    }

    private SagaStep Bind(OnboardingStep row) => new()
    {
        Id = row.Id,
        Title = row.Title,
        Phase = row.Phase,
        After = row.After,
        WaitLimit = row.WaitLimit(state.Platform.Timing),
        WaitLimitIsWarning = row.WaitLimitIsWarning,
        Do = cancellationToken => Workflow.ExecuteActivityAsync<StepResult>(row.Do, [state.InputOf(row.Id)], new ActivityOptions
        {
            ActivityId = row.Id,
            Summary = row.Title,
            StartToCloseTimeout = row.AttemptTimeout,
            HeartbeatTimeout = HeartbeatLimit,
            ScheduleToCloseTimeout = state.Platform.Timing.Step,
            RetryPolicy = Retries(attempts: 0),
            // A step in flight is finished or given up before anything is undone, so that no undo runs beside its do.
            CancellationType = ActivityCancellationType.WaitCancellationCompleted,
            CancellationToken = cancellationToken,
        }),
        Undo = row.Undo is not { } undo ? null : result => Workflow.ExecuteActivityAsync<UndoResult>(
            undo,
            [state.InputOf(row.Id), result],
            new ActivityOptions
            {
                ActivityId = row.Id + OnboardingContract.UndoActivitySuffix,
                Summary = $"Undo: {row.Title}",
                StartToCloseTimeout = row.AttemptTimeout,
                HeartbeatTimeout = HeartbeatLimit,
                RetryPolicy = Retries(UndoAttempts),
                CancellationToken = CancellationToken.None,
            }),
    };

    /// <summary>Zero attempts means no limit but the schedule-to-close time: waiting out a rate limit must not use attempts up.</summary>
    private RetryPolicy Retries(int attempts) => new()
    {
        InitialInterval = state.Platform.Timing.RetryInterval,
        BackoffCoefficient = 2,
        MaximumInterval = state.Platform.Timing.RetryMaximum,
        MaximumAttempts = attempts,
        NonRetryableErrorTypes = [.. ErrorTypes.Permanent],
    };
}
