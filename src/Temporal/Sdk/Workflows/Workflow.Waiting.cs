namespace Temporalio.Workflows;

/// <content>Waiting: for time, for conditions, for tasks.</content>
public static partial class Workflow
{
    /// <summary>Waits by a durable timer.</summary>
    /// <param name="millisecondsDelay">How long; <see cref="Timeout.Infinite" /> for until cancelled.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="CancellationToken" /> by default.</param>
    /// <returns>Ends when the time is over.</returns>
    public static Task DelayAsync(int millisecondsDelay, CancellationToken? cancellationToken = null) =>
        DelayWithOptionsAsync(new(millisecondsDelay, cancellationToken: cancellationToken));

    /// <summary>Waits by a durable timer.</summary>
    /// <param name="delay">How long; <see cref="Timeout.InfiniteTimeSpan" /> for until cancelled.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="CancellationToken" /> by default.</param>
    /// <returns>Ends when the time is over.</returns>
    public static Task DelayAsync(TimeSpan delay, CancellationToken? cancellationToken = null) =>
        DelayWithOptionsAsync(new(delay, cancellationToken: cancellationToken));

    /// <summary>Waits by a durable timer.</summary>
    /// <param name="options">How long, and more.</param>
    /// <returns>Ends when the time is over.</returns>
    public static Task DelayWithOptionsAsync(DelayOptions options) => Context.DelayWithOptionsAsync(options);

    /// <summary>Waits until a condition is true.</summary>
    /// <param name="conditionCheck">The condition; evaluated often, so it must be quick and change nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="CancellationToken" /> by default.</param>
    /// <returns>Ends when the condition is true.</returns>
    public static Task WaitConditionAsync(Func<bool> conditionCheck, CancellationToken? cancellationToken = null) =>
        WaitConditionWithOptionsAsync(new(conditionCheck, cancellationToken: cancellationToken));

    /// <summary>Waits until a condition is true, or for a time.</summary>
    /// <param name="conditionCheck">The condition; evaluated often, so it must be quick and change nothing.</param>
    /// <param name="timeoutMilliseconds">How long; <see cref="Timeout.Infinite" /> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="CancellationToken" /> by default.</param>
    /// <returns>True if the condition came true, false if the time ran out.</returns>
    public static Task<bool> WaitConditionAsync(Func<bool> conditionCheck, int timeoutMilliseconds, CancellationToken? cancellationToken = null) =>
        WaitConditionWithOptionsAsync(new(conditionCheck, TimeSpan.FromMilliseconds(timeoutMilliseconds), cancellationToken: cancellationToken));

    /// <summary>Waits until a condition is true, or for a time.</summary>
    /// <param name="conditionCheck">The condition; evaluated often, so it must be quick and change nothing.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan" /> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; <see cref="CancellationToken" /> by default.</param>
    /// <returns>True if the condition came true, false if the time ran out.</returns>
    public static Task<bool> WaitConditionAsync(Func<bool> conditionCheck, TimeSpan timeout, CancellationToken? cancellationToken = null) =>
        WaitConditionWithOptionsAsync(new(conditionCheck, timeout, cancellationToken: cancellationToken));

    /// <summary>Waits until a condition is true, or for a time.</summary>
    /// <param name="options">For what, how long, and more.</param>
    /// <returns>True if the condition came true, false if the time ran out.</returns>
    public static Task<bool> WaitConditionWithOptionsAsync(WaitConditionOptions options) => Context.WaitConditionWithOptionsAsync(options);

    /// <summary>Starts a task on the workflow's scheduler; what <see cref="Task.Run(Func{Task})" /> would do elsewhere.</summary>
    /// <param name="function">What to run.</param>
    /// <param name="cancellationToken">Keeps the task from starting; <see cref="CancellationToken" /> by default.</param>
    /// <returns>Ends when the function has.</returns>
    public static Task RunTaskAsync(Func<Task> function, CancellationToken? cancellationToken = null) =>
        Task.Factory.StartNew(function, cancellationToken ?? CancellationToken, TaskCreationOptions.None, Scheduler).Unwrap();

    /// <summary>Starts a task on the workflow's scheduler; what <see cref="Task.Run(Func{Task})" /> would do elsewhere.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="function">What to run.</param>
    /// <param name="cancellationToken">Keeps the task from starting; <see cref="CancellationToken" /> by default.</param>
    /// <returns>The function's result.</returns>
    public static Task<TResult> RunTaskAsync<TResult>(Func<Task<TResult>> function, CancellationToken? cancellationToken = null) =>
        Task.Factory.StartNew(function, cancellationToken ?? CancellationToken, TaskCreationOptions.None, Scheduler).Unwrap();

    /// <summary>Waits for all tasks; what <see cref="Task.WhenAll(Task[])" /> does elsewhere.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>Ends when all have.</returns>
    public static Task WhenAllAsync(IEnumerable<Task> tasks) => Task.WhenAll(tasks);

    /// <summary>Waits for all tasks; what <see cref="Task.WhenAll(Task[])" /> does elsewhere.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>Ends when all have.</returns>
    public static Task WhenAllAsync(params Task[] tasks) => Task.WhenAll(tasks);

    /// <summary>Waits for all tasks; what <see cref="Task.WhenAll(Task[])" /> does elsewhere.</summary>
    /// <typeparam name="TResult">Type of the results.</typeparam>
    /// <param name="tasks">The tasks.</param>
    /// <returns>Their results, in the order of the tasks.</returns>
    public static Task<TResult[]> WhenAllAsync<TResult>(IEnumerable<Task<TResult>> tasks) => Task.WhenAll(tasks);

    /// <summary>Waits for all tasks; what <see cref="Task.WhenAll(Task[])" /> does elsewhere.</summary>
    /// <typeparam name="TResult">Type of the results.</typeparam>
    /// <param name="tasks">The tasks.</param>
    /// <returns>Their results, in the order of the tasks.</returns>
    public static Task<TResult[]> WhenAllAsync<TResult>(params Task<TResult>[] tasks) => Task.WhenAll(tasks);

    /// <summary>Waits for one of the tasks; what <see cref="Task.WhenAny(Task[])" /> does elsewhere.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>The first task that ended.</returns>
    public static Task<Task> WhenAnyAsync(IEnumerable<Task> tasks) => Task.WhenAny(tasks);

    /// <summary>Waits for one of the tasks; what <see cref="Task.WhenAny(Task[])" /> does elsewhere.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>The first task that ended.</returns>
    public static Task<Task> WhenAnyAsync(params Task[] tasks) => Task.WhenAny(tasks);

    /// <summary>Waits for one of the tasks, without leaving the workflow's scheduler as <see cref="Task.WhenAny{TResult}(Task{TResult}[])" /> may.</summary>
    /// <typeparam name="TResult">Type of the results.</typeparam>
    /// <param name="tasks">The tasks.</param>
    /// <returns>The first task that ended.</returns>
    public static async Task<Task<TResult>> WhenAnyAsync<TResult>(IEnumerable<Task<TResult>> tasks) =>
        (Task<TResult>)await Task.WhenAny(tasks.ToArray<Task>()).ConfigureAwait(true);

    /// <summary>Waits for one of the tasks, without leaving the workflow's scheduler as <see cref="Task.WhenAny{TResult}(Task{TResult}[])" /> may.</summary>
    /// <typeparam name="TResult">Type of the results.</typeparam>
    /// <param name="tasks">The tasks.</param>
    /// <returns>The first task that ended.</returns>
    public static Task<Task<TResult>> WhenAnyAsync<TResult>(params Task<TResult>[] tasks) => WhenAnyAsync((IEnumerable<Task<TResult>>)tasks);

    private static TaskScheduler Scheduler => (TaskScheduler)Context;
}
