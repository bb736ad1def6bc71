using System.Linq.Expressions;
using Temporalio.Activities;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <content>Running activities. The calls throw <see cref="Exceptions.ActivityFailureException" />.</content>
public static partial class Workflow
{
    /// <summary>Runs a static activity without result.</summary>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>Ends when the activity has.</returns>
    public static Task ExecuteActivityAsync(Expression<Action> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<ValueTuple>(activityCall, options);

    /// <summary>Runs a static activity with a result.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>The result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TResult>(Expression<Func<TResult>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<TResult>(activityCall, options);

    /// <summary>Runs an activity of a class, without result.</summary>
    /// <typeparam name="TActivityInstance">The class or interface.</typeparam>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>Ends when the activity has.</returns>
    public static Task ExecuteActivityAsync<TActivityInstance>(
        Expression<Action<TActivityInstance>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<ValueTuple>(activityCall, options);

    /// <summary>Runs an activity of a class, with a result.</summary>
    /// <typeparam name="TActivityInstance">The class or interface.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>The result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TActivityInstance, TResult>(
        Expression<Func<TActivityInstance, TResult>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<TResult>(activityCall, options);

    /// <summary>Runs a static asynchronous activity without result.</summary>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>Ends when the activity has.</returns>
    public static Task ExecuteActivityAsync(Expression<Func<Task>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<ValueTuple>(activityCall, options);

    /// <summary>Runs a static asynchronous activity with a result.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>The result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TResult>(Expression<Func<Task<TResult>>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<TResult>(activityCall, options);

    /// <summary>Runs an asynchronous activity of a class, without result.</summary>
    /// <typeparam name="TActivityInstance">The class or interface.</typeparam>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>Ends when the activity has.</returns>
    public static Task ExecuteActivityAsync<TActivityInstance>(
        Expression<Func<TActivityInstance, Task>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<ValueTuple>(activityCall, options);

    /// <summary>Runs an asynchronous activity of a class, with a result.</summary>
    /// <typeparam name="TActivityInstance">The class or interface.</typeparam>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="activityCall">A call of the activity; it is not executed here.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>The result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TActivityInstance, TResult>(
        Expression<Func<TActivityInstance, Task<TResult>>> activityCall, ActivityOptions options) =>
        ExecuteCallAsync<TResult>(activityCall, options);

    /// <summary>Runs an activity by name, ignoring its result.</summary>
    /// <param name="activity">Activity type name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>Ends when the activity has.</returns>
    public static Task ExecuteActivityAsync(string activity, IReadOnlyCollection<object?> args, ActivityOptions options) =>
        ExecuteActivityAsync<ValueTuple>(activity, args, options);

    /// <summary>Runs an activity by name.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <param name="activity">Activity type name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">How to run it; a timeout is required.</param>
    /// <returns>The result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options) =>
        Context.ExecuteActivityAsync<TResult>(activity, args, options);

    private static Task<TResult> ExecuteCallAsync<TResult>(LambdaExpression activityCall, ActivityOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(activityCall);
        return Context.ExecuteActivityAsync<TResult>(ActivityDefinition.NameFromMethodForCall(method), args, options);
    }
}
