using System.Collections.Concurrent;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>
/// Stands in for every activity, by name: doing a step puts its id among the things, undoing takes it away. A test overrides what
/// one activity does. It is no kinder than the real ones: a thing put twice is an error.
/// </summary>
internal sealed class FakeSystems
{
    private readonly Lock gate = new();
    private readonly List<string> things = [];
    private readonly List<string> log = [];
    private readonly ConcurrentDictionary<string, Func<int, Task<StepResult?>>> does = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<int, Task<UndoResult?>>> undoes = new(StringComparer.Ordinal);

    public PlatformProfile Platform { get; set; } = Requests.Platform with
    {
        Timing = new TimingProfile
        {
            PollInterval = TimeSpan.FromMilliseconds(10),
            PollMaximum = TimeSpan.FromMilliseconds(50),
            RetryInterval = TimeSpan.FromMilliseconds(10),
            RetryMaximum = TimeSpan.FromMilliseconds(50),
            UndoRetry = TimeSpan.FromMilliseconds(10),
            UndoRetryMaximum = TimeSpan.FromMilliseconds(50),
        },
    };

    /// <summary>What a look at the systems comes to.</summary>
    public Func<LookAhead> OnLook { get; set; } = static () => new LookAhead();

    public ConcurrentQueue<NotificationInput> Notifications { get; } = new();

    public Func<NotificationInput, Task> OnNotify { get; set; } = _ => Task.CompletedTask;

    /// <summary>What exists now.</summary>
    public IReadOnlyList<string> Things
    {
        get
        {
            lock (gate)
                return [.. things];
        }
    }

    /// <summary>Everything done and undone, in order.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (gate)
                return [.. log];
        }
    }

    /// <summary>What doing a step comes to, by attempt counted over the run; null means as usual.</summary>
    public FakeSystems OnDo(string step, Func<int, Task<StepResult?>> act)
    {
        does[step] = act;
        return this;
    }

    public FakeSystems OnDo(string step, Func<int, StepResult?> act) => OnDo(step, n => Task.FromResult(act(n)));

    public FakeSystems OnUndo(string step, Func<int, Task<UndoResult?>> act)
    {
        undoes[step] = act;
        return this;
    }

    public static ApplicationFailureException Permanent(string type = ErrorTypes.PolicyDenied) => new(
        "the policy says no", type, nonRetryable: true, details: [new FailureDetail("Fake", "ask the policy's owner", 403, "")]);

    public static ApplicationFailureException Transient() => new("busy", ErrorTypes.Transient);

    public IEnumerable<ActivityDefinition> Activities()
    {
        yield return ActivityDefinition.Create(ActivityNames.DescribePlatform, typeof(PlatformProfile), [], 0, _ => Platform);
        yield return ActivityDefinition.Create(ActivityNames.LookAhead, typeof(LookAhead), [typeof(StepInput)], 1, _ => OnLook());
        yield return ActivityDefinition.Create(
            ActivityNames.Notify, typeof(Task), [typeof(NotificationInput)], 1, args => NotifyAsync((NotificationInput)args[0]!));
        foreach (var step in OnboardingSteps.All)
        {
            yield return ActivityDefinition.Create(
                step.Do, typeof(Task<StepResult>), [typeof(StepInput)], 1, args => DoAsync(step.Id, (StepInput)args[0]!));
            if (step.Undo is { } undo)
            {
                yield return ActivityDefinition.Create(
                    undo, typeof(Task<UndoResult>), [typeof(StepInput), typeof(StepResult)], 2, _ => UndoAsync(step.Id));
            }
        }
    }

    private async Task NotifyAsync(NotificationInput input)
    {
        await OnNotify(input);
        Notifications.Enqueue(input);
    }

    private async Task<StepResult> DoAsync(string step, StepInput input)
    {
        int times;
        lock (gate)
        {
            log.Add($"do {step}");
            times = log.Count(l => l == $"do {step}");
        }
        input.Key.Step.ShouldBe(step);
        if (does.TryGetValue(step, out var act) && await act(times) is { } result)
            return result;
        lock (gate)
        {
            if (things.Contains(step))
                throw new ApplicationFailureException($"{step} made twice", ErrorTypes.ExternalBug, nonRetryable: true);
            things.Add(step);
        }
        return new StepResult
        {
            Resources = [new StepResource("thing", step, "", Created: true)],
            Facts = new Dictionary<string, string> { [step] = "done" },
            Link = $"http://fake/{step}",
            Attempt = ActivityExecutionContext.Current.Info.Attempt,
        };
    }

    private async Task<UndoResult> UndoAsync(string step)
    {
        int times;
        lock (gate)
        {
            log.Add($"undo {step}");
            times = log.Count(l => l == $"undo {step}");
        }
        if (undoes.TryGetValue(step, out var act) && await act(times) is { } result)
            return result;
        lock (gate)
        {
            things.Remove(step);
            // What was done in a repository and is never undone by itself goes with it.
            if (step == StepIds.Repository)
                things.Remove(StepIds.Pipeline);
        }
        return new UndoResult();
    }
}
