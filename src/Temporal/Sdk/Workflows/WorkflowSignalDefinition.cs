using System.Collections.Concurrent;
using System.Reflection;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>A signal and what handles it.</summary>
public class WorkflowSignalDefinition
{
    private static readonly ConcurrentDictionary<MethodInfo, WorkflowSignalDefinition> Definitions = new();

    private WorkflowSignalDefinition(
        string? name, string? description, MethodInfo? method, Delegate? del, HandlerUnfinishedPolicy unfinishedPolicy)
    {
        Name = name;
        Description = description;
        Method = method;
        Delegate = del;
        UnfinishedPolicy = unfinishedPolicy;
        Handler = HandlerMethod.For(method ?? del!.Method);
    }

    /// <summary>Gets the signal's name, or null if it is dynamic.</summary>
    public string? Name { get; }

    /// <summary>Gets the description, if there is one.</summary>
    public string? Description { get; }

    /// <summary>Gets a value indicating whether this handler takes every signal that has no handler of its own.</summary>
    public bool Dynamic => Name is null;

    /// <summary>Gets the attributed method, or null for a delegate.</summary>
    internal MethodInfo? Method { get; }

    /// <summary>Gets the delegate, or null for an attributed method.</summary>
    internal Delegate? Delegate { get; }

    /// <summary>Gets what happens when the workflow ends first.</summary>
    internal HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    /// <summary>Gets the compiled method.</summary>
    internal HandlerMethod Handler { get; }

    /// <summary>Gets the definition of a method with <see cref="WorkflowSignalAttribute" />.</summary>
    /// <param name="method">The method.</param>
    /// <returns>Its definition, the same for every call.</returns>
    /// <exception cref="ArgumentException">The method is no valid signal handler.</exception>
    public static WorkflowSignalDefinition FromMethod(MethodInfo method) => Definitions.GetOrAdd(method, CreateFromMethod);

    /// <summary>Creates a definition without an attribute, for <see cref="Workflow.Signals" /> and <see cref="Workflow.DynamicSignal" />.</summary>
    /// <param name="name">Signal name; null for a dynamic handler.</param>
    /// <param name="del">Handler; it returns a task.</param>
    /// <param name="unfinishedPolicy">What happens when the workflow ends while the handler runs.</param>
    /// <param name="description">A short description, shown by tools.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">The delegate is no valid signal handler.</exception>
    public static WorkflowSignalDefinition CreateWithoutAttribute(
        string? name,
        Delegate del,
        HandlerUnfinishedPolicy unfinishedPolicy = HandlerUnfinishedPolicy.WarnAndAbandon,
        string? description = null)
    {
        AssertValid(del.Method, dynamic: name is null);
        return new(name, description, null, del, unfinishedPolicy);
    }

    /// <summary>Gets the name under which callers know a handler.</summary>
    internal static string NameFromMethodForCall(MethodInfo method) =>
        FromMethod(method).Name ?? throw new ArgumentException($"{method} is the handler of dynamic signals, which has no name to call it by");

    /// <summary>Calls the handler.</summary>
    internal Task InvokeAsync(object instance, object?[] args) =>
        Delegate is null ? Handler.InvokeAsync(instance, args) : Handler.InvokeAsync(Delegate, args);

    private static WorkflowSignalDefinition CreateFromMethod(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<WorkflowSignalAttribute>(inherit: false)
            ?? throw new ArgumentException($"{method} missing WorkflowSignal attribute");
        if (!method.IsPublic)
        {
            throw new ArgumentException($"WorkflowSignal method {method} must be public");
        }

        if (method.IsStatic)
        {
            throw new ArgumentException($"WorkflowSignal method {method} cannot be static");
        }

        if (attribute.Dynamic && attribute.Name is not null)
        {
            throw new ArgumentException($"WorkflowSignal method {method} cannot be dynamic and have a name");
        }

        AssertValid(method, attribute.Dynamic);
        return new(attribute.Dynamic ? null : attribute.Name ?? MessageName.WithoutAsync(method), attribute.Description, method, null, attribute.UnfinishedPolicy);
    }

    private static void AssertValid(MethodInfo method, bool dynamic)
    {
        if (method.ContainsGenericParameters)
        {
            throw new ArgumentException($"WorkflowSignal method {method} cannot be generic");
        }

        if (method.ReturnType != typeof(Task))
        {
            throw new ArgumentException($"WorkflowSignal method {method} must return Task");
        }

        if (dynamic && !MessageName.TakesNameAndRawValues(method))
        {
            throw new ArgumentException($"WorkflowSignal method {method} must accept string and an array of IRawValue to be dynamic");
        }
    }
}
