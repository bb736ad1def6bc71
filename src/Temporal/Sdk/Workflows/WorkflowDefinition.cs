using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>A workflow: its name, its main routine, its handlers.</summary>
public class WorkflowDefinition
{
    private static readonly ConcurrentDictionary<Type, WorkflowDefinition> Definitions = new();
    private static readonly ConcurrentDictionary<MethodInfo, string> RunMethodNames = new();

    private readonly Func<object?[], object>? creator;

    internal WorkflowDefinition(WorkflowDefinitionParts parts, Func<object?[], object>? creator)
    {
        Name = parts.Name;
        Type = parts.Type;
        RunMethod = parts.RunMethod;
        Run = HandlerMethod.For(parts.RunMethod);
        this.creator = creator;
        InitTakesArguments = creator is not null || parts.InitTakesArguments;
        Signals = parts.Signals;
        DynamicSignal = parts.DynamicSignal;
        Queries = parts.Queries;
        DynamicQuery = parts.DynamicQuery;
        FailureExceptionTypes = parts.FailureExceptionTypes;
        VersioningBehavior = parts.VersioningBehavior;
        DynamicOptionsGetter = parts.DynamicOptionsGetter;
    }

    /// <summary>Gets the workflow type name, or null if it is dynamic.</summary>
    public string? Name { get; }

    /// <summary>Gets the class or interface.</summary>
    public Type Type { get; }

    /// <summary>Gets the main routine.</summary>
    public MethodInfo RunMethod { get; }

    /// <summary>Gets a value indicating whether instances can be created. Those of interfaces and abstract classes can't.</summary>
    public bool Instantiable => creator is not null;

    /// <summary>Gets a value indicating whether this workflow takes every type that no other one has.</summary>
    public bool Dynamic => Name is null;

    /// <summary>Gets the signal handlers by name.</summary>
    public IReadOnlyDictionary<string, WorkflowSignalDefinition> Signals { get; }

    /// <summary>Gets the handler of all other signals, if there is one.</summary>
    public WorkflowSignalDefinition? DynamicSignal { get; }

    /// <summary>Gets the query handlers by name.</summary>
    public IReadOnlyDictionary<string, WorkflowQueryDefinition> Queries { get; }

    /// <summary>Gets the handler of all other queries, if there is one.</summary>
    public WorkflowQueryDefinition? DynamicQuery { get; }

    /// <summary>Gets the exception types that fail the workflow instead of its task, besides the worker's.</summary>
    public Type[]? FailureExceptionTypes { get; }

    /// <summary>Gets the versioning behavior, if the attribute tells one.</summary>
    public VersioningBehavior? VersioningBehavior { get; }

    /// <summary>Gets what a dynamic workflow's instance is asked for its options with, if it has that.</summary>
    public Func<object, WorkflowDefinitionOptions>? DynamicOptionsGetter { get; }

    /// <summary>Gets the compiled main routine.</summary>
    internal HandlerMethod Run { get; }

    /// <summary>Gets a value indicating whether the constructor wants the workflow's arguments.</summary>
    internal bool InitTakesArguments { get; }

    /// <summary>Gets the definition of a workflow.</summary>
    /// <typeparam name="T">A type with <see cref="WorkflowAttribute" />.</typeparam>
    /// <returns>Its definition, the same for every call.</returns>
    /// <exception cref="ArgumentException">The type is no valid workflow; the message tells all reasons.</exception>
    public static WorkflowDefinition Create<T>() => Create(typeof(T));

    /// <summary>Gets the definition of a workflow.</summary>
    /// <param name="type">A type with <see cref="WorkflowAttribute" />.</param>
    /// <returns>Its definition, the same for every call.</returns>
    /// <exception cref="ArgumentException">The type is no valid workflow; the message tells all reasons.</exception>
    public static WorkflowDefinition Create(Type type) => Definitions.GetOrAdd(type, static t => Create(t, null, null));

    /// <summary>Creates a definition with another name or another way to make instances.</summary>
    /// <param name="type">A type with <see cref="WorkflowAttribute" />.</param>
    /// <param name="nameOverride">Name to use instead of the attribute's.</param>
    /// <param name="creatorOverride">Makes an instance from the workflow's arguments, instead of the constructor.</param>
    /// <returns>A new definition.</returns>
    /// <exception cref="ArgumentException">The type is no valid workflow; the message tells all reasons.</exception>
    public static WorkflowDefinition Create(Type type, string? nameOverride, Func<object?[], object>? creatorOverride)
    {
        var parts = WorkflowDefinitionParts.Read(type, nameOverride, findConstructor: creatorOverride is null);
        return new(parts, creatorOverride ?? parts.Creator);
    }

    /// <summary>Makes an instance.</summary>
    /// <param name="workflowArguments">The workflow's arguments; a constructor with <see cref="WorkflowInitAttribute" /> gets them.</param>
    /// <returns>The instance.</returns>
    /// <exception cref="InvalidOperationException">The workflow is not <see cref="Instantiable" />.</exception>
    public object CreateWorkflowInstance(object?[] workflowArguments) =>
        (creator ?? throw new InvalidOperationException($"Cannot instantiate workflow type {Type}"))(workflowArguments);

    /// <summary>Gets the name under which callers know the workflow of a run method.</summary>
    internal static string NameFromRunMethodForCall(MethodInfo method) => RunMethodNames.GetOrAdd(method, static m =>
    {
        if (m.GetCustomAttribute<WorkflowRunAttribute>(inherit: false) is null)
        {
            throw new ArgumentException($"{m} missing WorkflowRun attribute");
        }

        var type = m.ReflectedType ?? throw new ArgumentException($"{m} has no reflected type");
        return Create(type).Name ?? throw new ArgumentException($"{m} belongs to a dynamic workflow, which has no name to call it by");
    });

    /// <summary>Turns a constructor into a function of the workflow's arguments.</summary>
    internal static Func<object?[], object> CreatorOf(ConstructorInfo constructor, bool takesArguments)
    {
        var invoker = ConstructorInvoker.Create(constructor);
        return takesArguments
            ? args => Unwrapped(invoker, args)
            : _ => Unwrapped(invoker, []);
    }

    private static object Unwrapped(ConstructorInvoker invoker, object?[] args)
    {
        try
        {
            return invoker.Invoke(args.AsSpan());
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
