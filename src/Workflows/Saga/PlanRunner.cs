using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Display;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Saga;

/// <summary>The calls that carry an action out.</summary>
public interface IActionCalls
{
    /// <summary>Does it, once: ready, under way, or a failure for good.</summary>
    Task<ActionResult> DoAsync(PlannedAction action, IReadOnlyDictionary<string, System.Text.Json.JsonElement> inputs, CancellationToken cancellationToken);

    /// <summary>Undoes it, once.</summary>
    Task<ActionResult> UndoAsync(PlannedAction action);

    /// <summary>Something moved.</summary>
    void Moved(string action, string what, string? by = null);

    /// <summary>Something is stuck: people have to know.</summary>
    Task TellStuckAsync(PlannedAction action, StepError error);
}

/// <summary>
/// Applies a plan, and undoes it: each action as soon as what it comes after is done, independent ones side by side. A removal, and every undo,
/// never gives up: it is tried again, says that it is stuck, and takes an operator's word. What doesn't rest on it goes on.
/// </summary>
public sealed class PlanRunner(PlanBook book, IActionCalls calls, ChangeTiming timing)
{
    private readonly Dictionary<string, OperatorCommand> words = new(StringComparer.Ordinal);
    private readonly HashSet<string> stuck = new(StringComparer.Ordinal);
    private OperatorCommand? abandoned;
    private bool held;

    /// <summary>An operator paused this change.</summary>
    public bool Paused { get; private set; }

    /// <summary>Actions that have been stuck and aren't done since, also while they are tried again.</summary>
    public IReadOnlySet<string> Stuck => stuck;

    /// <summary>While it rests, nothing further begins; what is under way is finished.</summary>
    private bool Rests => Paused || held;

    /// <summary>Somebody holds all applying, or no longer.</summary>
    public void Hold(bool on) => held = on;

    /// <summary>An operator's word. Retry and skip are about an action that is stuck, abandon about everything that is or will be.</summary>
    public void Take(OperatorCommand command)
    {
        switch (command.Verb)
        {
            case OperatorCommand.Pause or OperatorCommand.Resume:
                Paused = command.Verb == OperatorCommand.Pause;
                calls.Moved("", command.Verb == OperatorCommand.Pause ? "Paused" : "Resumed", command.By.Name);
                break;
            case OperatorCommand.Abandon:
                abandoned = command;
                break;
            default:
                words[command.Action] = command;
                break;
        }
    }

    /// <summary>Applies. On a failure nothing further begins, what is under way is cancelled and awaited, and the first failure is thrown.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        var running = new List<(PlannedAction Action, Task Task)>();
        while (true)
        {
            if (!stop.IsCancellationRequested && !Rests)
                running.AddRange(book.BeginReady().Select(a => (a, DoAsync(a, stop.Token))));
            if (running.Count == 0 && (stop.IsCancellationRequested || book.IsDone))
                break;
            if (running.Count == 0 && !Rests)
                throw new InvalidOperationException("actions wait for each other");
            // Detached: after a cancellation what is in flight is still awaited, its outcome decides what there is to undo.
            var rests = Rests;
            await Workflow.WaitConditionAsync(
                () => running.Exists(r => r.Task.IsCompleted) || Rests != rests || (running.Count == 0 && stop.IsCancellationRequested), CancellationToken.None);
            foreach (var finished in running.Where(r => r.Task.IsCompleted).ToList())
            {
                running.Remove(finished);
                failure = await HarvestAsync(finished.Action, finished.Task) is { } thrown ? failure ?? thrown : failure;
            }
            if (failure is not null)
                Cancel(stop);
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null)
            throw failure;
    }

    /// <summary>Undoes what began, outside of any cancellation. Returns when everything is undone, left with a name, or handed over.</summary>
    public async Task UndoAsync()
    {
        var running = new List<Task>();
        while (!book.IsUndone)
        {
            if (!Rests)
                running.AddRange(book.BeginUndo().Select(UndoAsync));
            if (book.IsUndone)
                break;
            var rests = Rests;
            await Workflow.WaitConditionAsync(() => running.Exists(t => t.IsCompleted) || Rests != rests, CancellationToken.None);
            foreach (var finished in running.Where(t => t.IsCompleted).ToList())
            {
                running.Remove(finished);
                await finished;
            }
        }
    }

    /// <summary>Synchronously on purpose: the asynchronous form leaves the workflow's scheduler.</summary>
    private static void Cancel(CancellationTokenSource source) => source.Cancel();

    private static TimeSpan Doubled(TimeSpan wait, TimeSpan maximum) => wait * 2 > maximum ? maximum : wait * 2;

    private async Task<Exception?> HarvestAsync(PlannedAction action, Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e) when (FailureReader.IsCancellation(e))
        {
            book.Cancel(action.Id);
            calls.Moved(action.Id, "stopped");
            return null;
        }
        catch (FailureException e)
        {
            var error = FailureReader.Read(e);
            book.Fail(action.Id, error);
            calls.Moved(action.Id, $"failed: {error.Message}");
            return e;
        }
    }

    private async Task DoAsync(PlannedAction action, CancellationToken cancellationToken)
    {
        calls.Moved(action.Id, "begins");
        if (action.Kind == ActionKind.Remove)
        {
            await InsistAsync(action, undoing: false, () => calls.DoAsync(action, book.InputsOf(action), cancellationToken), cancellationToken);
            return;
        }
        var deadline = Workflow.UtcNow + action.WaitLimit;
        var wait = timing.Poll;
        while (true)
        {
            var result = await calls.DoAsync(action, book.InputsOf(action), cancellationToken);
            if (result.Ready)
            {
                book.Complete(action.Id, result);
                calls.Moved(action.Id, "done");
                return;
            }
            book.Note(action.Id, result);
            if (Workflow.UtcNow >= deadline)
                throw new ApplicationFailureException($"{action.Id} waited {action.WaitLimit} for {result.WaitingFor}", ErrorTypes.Timeout, nonRetryable: true);
            await Waits.DelayAsync(wait, Markdown.Escape($"Look again: {action.Title} {action.Name}"), cancellationToken);
            wait = Doubled(wait, timing.PollMaximum);
        }
    }

    private Task UndoAsync(PlannedAction action)
    {
        calls.Moved(action.Id, "is being undone");
        return InsistAsync(action, undoing: true, () => calls.UndoAsync(action), CancellationToken.None);
    }

    /// <summary>
    /// Tries until it is done or somebody says to leave it. What fails, or isn't done within the action's limit, is stuck: said at once, and
    /// again every hour.
    /// </summary>
    private async Task InsistAsync(PlannedAction action, bool undoing, Func<Task<ActionResult>> attempt, CancellationToken cancellationToken)
    {
        var deadline = Workflow.UtcNow + action.WaitLimit;
        var (poll, retry) = (timing.Poll, timing.StuckRetry);
        DateTime? told = null;
        while (true)
        {
            StepError? error = null;
            try
            {
                var result = await attempt();
                if (result.Ready)
                {
                    Finish(action, undoing, result);
                    return;
                }
                book.Note(action.Id, result);
                if (Workflow.UtcNow >= deadline)
                    error = new StepError(ErrorTypes.Timeout, $"{action.Id} waits for {result.WaitingFor}");
            }
            catch (FailureException e) when (!FailureReader.IsCancellation(e) || !cancellationToken.IsCancellationRequested)
            {
                error = FailureReader.Read(e);
            }
            if (error is null)
            {
                await Waits.DelayAsync(poll, Markdown.Escape($"Look again: {action.Title} {action.Name}"), cancellationToken);
                poll = Doubled(poll, timing.PollMaximum);
                continue;
            }
            book.Stick(action.Id, error);
            stuck.Add(action.Id);
            if (told is null || Workflow.UtcNow - told >= timing.TellStuck)
            {
                told = Workflow.UtcNow;
                calls.Moved(action.Id, $"is stuck: {error.Message}");
                await calls.TellStuckAsync(action, error);
            }
            await Waits.UntilAsync(
                () => words.ContainsKey(action.Id) || abandoned is not null, retry, Markdown.Escape($"Try again what is stuck: {action.Title} {action.Name}"), cancellationToken);
            retry = Doubled(retry, timing.StuckRetryMaximum);
            if (WordOn(action.Id) is { } word && word.Verb != OperatorCommand.Retry)
            {
                book.Leave(action.Id, word.By.Name, $"{word.Verb}: {error.Message}");
                stuck.Remove(action.Id);
                calls.Moved(action.Id, $"is left as it is ({word.Verb})", word.By.Name);
                return;
            }
            await Workflow.WaitConditionAsync(() => !Rests, cancellationToken);
            book.Again(action.Id, undoing);
        }
    }

    private OperatorCommand? WordOn(string action)
    {
        if (!words.Remove(action, out var word))
            return abandoned;
        if (word.Verb == OperatorCommand.Retry)
            calls.Moved(action, "is tried again", word.By.Name);
        return word;
    }

    private void Finish(PlannedAction action, bool undoing, ActionResult result)
    {
        stuck.Remove(action.Id);
        words.Remove(action.Id);
        if (undoing)
        {
            book.Note(action.Id, result);
            book.Undone(action.Id);
        }
        else
        {
            book.Complete(action.Id, result);
        }
        calls.Moved(action.Id, undoing ? "undone" : "done");
    }
}
