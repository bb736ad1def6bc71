using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Temporalio.Workflows;

/// <summary>
/// A method that the worker calls, compiled once for the process. Calls neither reflect nor wrap what the method throws.
/// </summary>
internal sealed class HandlerMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, HandlerMethod> Cache = new();
    private static readonly MethodInfo ResultOfDefinition =
        typeof(HandlerMethod).GetMethod(nameof(ResultOf), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly Lazy<Func<object?, object?[], object?>> call;
    private readonly Func<Task, object?>? taskResult;

    private HandlerMethod(MethodInfo method)
    {
        Method = method;
        Parameters = method.GetParameters();
        call = new(() => Compile(method));
        if (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>))
        {
            ResultType = method.ReturnType.GetGenericArguments()[0];
            taskResult = ResultOfDefinition.MakeGenericMethod(ResultType).CreateDelegate<Func<Task, object?>>();
        }
        else
        {
            ResultType = method.ReturnType == typeof(Task) ? typeof(void) : method.ReturnType;
        }
    }

    /// <summary>Gets the method.</summary>
    public MethodInfo Method { get; }

    /// <summary>Gets its parameters.</summary>
    public ParameterInfo[] Parameters { get; }

    /// <summary>Gets the type of the value that it ends with, out of its task; <see cref="void" /> if there is none.</summary>
    public Type ResultType { get; }

    /// <summary>Compiles the method, or finds it compiled.</summary>
    public static HandlerMethod For(MethodInfo method) => Cache.GetOrAdd(method, static m => new(m));

    /// <summary>Calls the method and returns what it returns, a task as a task.</summary>
    public object? Invoke(object? target, object?[] args) => call.Value(target, args);

    /// <summary>Calls a delegate of this method.</summary>
    public object? Invoke(Delegate function, object?[] args)
    {
        // A static method with a bound first argument is the only kind whose parameters differ from its delegate's.
        if (!Method.IsStatic)
        {
            return call.Value(function.Target, args);
        }

        try
        {
            return function.DynamicInvoke(args);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    /// <summary>Calls a method that returns a task, and returns its value, or null if it has none.</summary>
    public async Task<object?> InvokeAsync(object? target, object?[] args) => await ResultAsync(Invoke(target, args)).ConfigureAwait(true);

    /// <summary>Calls a delegate that returns a task.</summary>
    public async Task<object?> InvokeAsync(Delegate function, object?[] args) => await ResultAsync(Invoke(function, args)).ConfigureAwait(true);

    private static object? ResultOf<T>(Task task) => ((Task<T>)task).Result;

    private static Func<object?, object?[], object?> Compile(MethodInfo method)
    {
        var target = Expression.Parameter(typeof(object));
        var args = Expression.Parameter(typeof(object?[]));
        var values = method.GetParameters().Select((parameter, index) =>
            Expression.Convert(Expression.ArrayIndex(args, Expression.Constant(index)), parameter.ParameterType));
        Expression body = Expression.Call(method.IsStatic ? null : Expression.Convert(target, method.DeclaringType!), method, values);
        body = method.ReturnType == typeof(void)
            ? Expression.Block(body, Expression.Constant(null))
            : Expression.Convert(body, typeof(object));
        return Expression.Lambda<Func<object?, object?[], object?>>(body, target, args).Compile();
    }

    private async Task<object?> ResultAsync(object? returned)
    {
        if (returned is not Task task)
        {
            throw new InvalidOperationException($"{Method.DeclaringType}.{Method.Name} returned null instead of a task");
        }

        await task.ConfigureAwait(true);
        return taskResult?.Invoke(task);
    }
}
