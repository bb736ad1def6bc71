using System.Collections.Concurrent;
using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>A query and what answers it.</summary>
public class WorkflowQueryDefinition
{
    private static readonly ConcurrentDictionary<MemberInfo, WorkflowQueryDefinition> Definitions = new();

    private WorkflowQueryDefinition(string? name, string? description, MethodInfo method, Delegate? del)
    {
        Name = name;
        Description = description;
        Delegate = del;
        Handler = HandlerMethod.For(method);
    }

    /// <summary>Gets the query's name, or null if it is dynamic.</summary>
    public string? Name { get; }

    /// <summary>Gets the description, if there is one.</summary>
    public string? Description { get; }

    /// <summary>Gets a value indicating whether this handler takes every query that has no handler of its own.</summary>
    public bool Dynamic => Name is null;

    /// <summary>Gets the delegate, or null for an attributed method or property.</summary>
    internal Delegate? Delegate { get; }

    /// <summary>Gets the compiled method.</summary>
    internal HandlerMethod Handler { get; }

    /// <summary>Gets the definition of a method with <see cref="WorkflowQueryAttribute" />.</summary>
    /// <param name="method">The method.</param>
    /// <returns>Its definition, the same for every call.</returns>
    /// <exception cref="ArgumentException">The method is no valid query handler.</exception>
    public static WorkflowQueryDefinition FromMethod(MethodInfo method) =>
        Definitions.GetOrAdd(method, static member => CreateFromMethod((MethodInfo)member));

    /// <summary>Gets the definition of a property with <see cref="WorkflowQueryAttribute" />.</summary>
    /// <param name="property">The property.</param>
    /// <returns>Its definition, the same for every call.</returns>
    /// <exception cref="ArgumentException">The property is no valid query handler.</exception>
    public static WorkflowQueryDefinition FromProperty(PropertyInfo property) =>
        Definitions.GetOrAdd(property, static member => CreateFromProperty((PropertyInfo)member));

    /// <summary>Creates a definition without an attribute, for <see cref="Workflow.Queries" /> and <see cref="Workflow.DynamicQuery" />.</summary>
    /// <param name="name">Query name; null for a dynamic handler.</param>
    /// <param name="del">Handler; it returns a value that is no task.</param>
    /// <param name="description">A short description, shown by tools.</param>
    /// <returns>The definition.</returns>
    /// <exception cref="ArgumentException">The delegate is no valid query handler.</exception>
    public static WorkflowQueryDefinition CreateWithoutAttribute(string? name, Delegate del, string? description = null)
    {
        AssertValid(del.Method, dynamic: name is null);
        return new(name, description, del.Method, del);
    }

    /// <summary>Gets the name under which callers know a handler.</summary>
    internal static string NameFromMethodForCall(MethodInfo method) => FromMethod(method).NameForCall(method);

    /// <summary>Gets the name under which callers know a handler.</summary>
    internal static string NameFromPropertyForCall(PropertyInfo property) => FromProperty(property).NameForCall(property);

    /// <summary>Calls the handler.</summary>
    internal object? Invoke(object instance, object?[] args) =>
        Delegate is null ? Handler.Invoke(instance, args) : Handler.Invoke(Delegate, args);

    private static WorkflowQueryDefinition CreateFromMethod(MethodInfo method)
    {
        var attribute = AttributeOf(method);
        if (!method.IsPublic)
        {
            throw new ArgumentException($"WorkflowQuery method {method} must be public");
        }

        if (method.IsStatic)
        {
            throw new ArgumentException($"WorkflowQuery method {method} cannot be static");
        }

        AssertValid(method, attribute.Dynamic);
        return new(attribute.Dynamic ? null : attribute.Name ?? method.Name, attribute.Description, method, null);
    }

    private static WorkflowQueryDefinition CreateFromProperty(PropertyInfo property)
    {
        var attribute = AttributeOf(property);
        if (attribute.Dynamic)
        {
            throw new ArgumentException($"WorkflowQuery property {property} cannot be dynamic");
        }

        var getter = property.GetGetMethod() ?? throw new ArgumentException($"WorkflowQuery property {property} must have public getter");
        if (getter.IsStatic)
        {
            throw new ArgumentException($"WorkflowQuery property {property} cannot be static");
        }

        AssertValid(getter, dynamic: false);
        return new(attribute.Name ?? property.Name, attribute.Description, getter, null);
    }

    private static WorkflowQueryAttribute AttributeOf(MemberInfo member)
    {
        var attribute = member.GetCustomAttribute<WorkflowQueryAttribute>(inherit: false)
            ?? throw new ArgumentException($"{member} missing WorkflowQuery attribute");
        return attribute is { Dynamic: true, Name: not null }
            ? throw new ArgumentException($"WorkflowQuery {member} cannot be dynamic and have a name")
            : attribute;
    }

    private static void AssertValid(MethodInfo method, bool dynamic)
    {
        if (method.ContainsGenericParameters)
        {
            throw new ArgumentException($"WorkflowQuery method {method} cannot be generic");
        }

        if (method.ReturnType == typeof(void))
        {
            throw new ArgumentException($"WorkflowQuery method {method} must return a value");
        }

        if (typeof(Task).IsAssignableFrom(method.ReturnType))
        {
            throw new ArgumentException($"WorkflowQuery method {method} cannot return a Task");
        }

        if (dynamic && !MessageName.TakesNameAndRawValues(method))
        {
            throw new ArgumentException($"WorkflowQuery method {method} must accept string and an array of IRawValue to be dynamic");
        }
    }

    private string NameForCall(MemberInfo member) =>
        Name ?? throw new ArgumentException($"{member} is the handler of dynamic queries, which has no name to call it by");
}
