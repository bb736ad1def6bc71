using System.Reflection;
using System.Runtime.ExceptionServices;
using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>An activity's name, parameters and the code to run.</summary>
public class ActivityDefinition
{
    private const BindingFlags AnyMethod =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    private readonly Func<object?[], object?> invoker;

    private ActivityDefinition(
        string? name,
        Type returnType,
        IReadOnlyCollection<Type> parameterTypes,
        int requiredParameterCount,
        MethodInfo? methodInfo,
        Func<object?[], object?> invoker)
    {
        Name = name;
        ReturnType = returnType;
        ParameterTypes = parameterTypes;
        RequiredParameterCount = requiredParameterCount;
        MethodInfo = methodInfo;
        this.invoker = invoker;
    }

    /// <summary>Name; null for a dynamic activity.</summary>
    public string? Name { get; private init; }

    /// <summary>What the method returns, a task for asynchronous ones.</summary>
    public Type ReturnType { get; private init; }

    /// <summary>Types to convert the input to.</summary>
    public IReadOnlyCollection<Type> ParameterTypes { get; private init; }

    /// <summary>How many parameters have no default.</summary>
    public int RequiredParameterCount { get; private init; }

    /// <summary>The method, if it was made from one.</summary>
    public MethodInfo? MethodInfo { get; private init; }

    /// <summary>Whether it runs for every type that has no definition of its own.</summary>
    public bool Dynamic => Name is null;

    /// <summary>Makes one from a delegate whose method has an <see cref="ActivityAttribute"/>.</summary>
    /// <param name="del">Delegate.</param>
    public static ActivityDefinition Create(Delegate del)
    {
        ArgumentNullException.ThrowIfNull(del);
        return Create(del.Method, del.DynamicInvoke);
    }

    /// <summary>Makes one from a method with an <see cref="ActivityAttribute"/>, invoked in a way of its own.</summary>
    /// <param name="method">Method.</param>
    /// <param name="invoker">Runs it; gets as many parameters as the method has.</param>
    public static ActivityDefinition Create(MethodInfo method, Func<object?[], object?> invoker) =>
        FromMethod(ActivityNames.FromAttribute(method), method, invoker);

    /// <summary>Makes one without reflection.</summary>
    /// <param name="name">Name; null for a dynamic activity.</param>
    /// <param name="returnType">What it returns.</param>
    /// <param name="parameterTypes">Types of the parameters.</param>
    /// <param name="requiredParameterCount">How many of them are needed.</param>
    /// <param name="invoker">Runs it; gets at least the required parameters.</param>
    public static ActivityDefinition Create(
        string? name,
        Type returnType,
        IReadOnlyCollection<Type> parameterTypes,
        int requiredParameterCount,
        Func<object?[], object?> invoker) =>
        Validated(name, returnType, parameterTypes, requiredParameterCount, methodInfo: null, invoker);

    /// <summary>Makes one from a method that needs no attribute.</summary>
    /// <param name="name">Name; null for a dynamic activity.</param>
    /// <param name="method">Method.</param>
    /// <param name="invoker">Runs it; gets as many parameters as the method has.</param>
    public static ActivityDefinition CreateWithoutAttribute(string? name, MethodInfo method, Func<object?[], object?> invoker) =>
        FromMethod(name, method, invoker);

    /// <summary>Makes one for each method of a type that has an <see cref="ActivityAttribute"/>.</summary>
    /// <typeparam name="T">Type.</typeparam>
    /// <param name="instance">Runs the instance methods; may be null if there are none.</param>
    public static IReadOnlyCollection<ActivityDefinition> CreateAll<T>(T? instance) => CreateAll(typeof(T), instance);

    /// <summary>Makes one for each method of a type that has an <see cref="ActivityAttribute"/>.</summary>
    /// <param name="type">Type.</param>
    /// <param name="instance">Runs the instance methods; may be null if there are none.</param>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static IReadOnlyCollection<ActivityDefinition> CreateAll(Type type, object? instance)
    {
        var methods = AttributedMethods(type);
        if (instance is null && methods.FirstOrDefault(m => !m.IsStatic) is { } needsInstance)
        {
            throw new InvalidOperationException($"Activity method {needsInstance} is not static and no instance is given");
        }

        return [.. methods.Select(method => Create(method, parameters => method.Invoke(instance, parameters)))];
    }

    /// <summary>Runs it and awaits its task, if it returns one.</summary>
    /// <param name="parameters">At least the required ones.</param>
    /// <returns>The result; an empty <see cref="ValueTuple"/> for a task without one.</returns>
    public async Task<object?> InvokeAsync(object?[] parameters)
    {
        var result = Invoke(parameters);
        if (result is not Task task)
        {
            return result;
        }

        await task.ConfigureAwait(false);
        return TaskResults.Get(task);
    }

    /// <summary>The methods of a type that are activities; at least one.</summary>
    internal static IReadOnlyList<MethodInfo> AttributedMethods(Type type)
    {
        var methods = type.GetMethods(AnyMethod).Where(m => m.GetCustomAttribute<ActivityAttribute>() is not null).ToList();
        return methods.Count > 0 ? methods : throw new ArgumentException($"No activities found on {type}", nameof(type));
    }

    /// <summary>The name a workflow calls this method's activity by.</summary>
    internal static string NameFromMethodForCall(MethodInfo method) =>
        ActivityNames.FromAttributeCached(method)
        ?? throw new ArgumentException($"{method} is a dynamic activity and cannot be called by its method", nameof(method));

    private static ActivityDefinition FromMethod(string? name, MethodInfo method, Func<object?[], object?> invoker)
    {
        var parameters = method.GetParameters();
        return Validated(
            name,
            method.ReturnType,
            [.. parameters.Select(p => p.ParameterType)],
            parameters.Count(p => !p.HasDefaultValue),
            method,
            given => invoker([.. given, .. parameters.Skip(given.Length).Select(p => p.DefaultValue)]));
    }

    private static ActivityDefinition Validated(
        string? name,
        Type returnType,
        IReadOnlyCollection<Type> parameterTypes,
        int requiredParameterCount,
        MethodInfo? methodInfo,
        Func<object?[], object?> invoker)
    {
        if (name is null && (requiredParameterCount != 1 || parameterTypes.Count != 1 || parameterTypes.First() != typeof(IRawValue[])))
        {
            throw new ArgumentException("A dynamic activity must take one parameter, an array of IRawValue", nameof(parameterTypes));
        }

        if (requiredParameterCount > parameterTypes.Count)
        {
            throw new ArgumentException(
                $"Activity {name} requires {requiredParameterCount} parameters but has {parameterTypes.Count}", nameof(requiredParameterCount));
        }

        return parameterTypes.Any(t => t.IsByRef)
            ? throw new ArgumentException($"Activity {name} has a ref or out parameter", nameof(parameterTypes))
            : new(name, returnType, parameterTypes, requiredParameterCount, methodInfo, invoker);
    }

    private object? Invoke(object?[] parameters)
    {
        try
        {
            return invoker(parameters);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }
}
