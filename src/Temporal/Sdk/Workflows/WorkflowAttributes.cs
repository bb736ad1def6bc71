using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>Marks a class or interface as a workflow.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface, Inherited = false)]
public sealed class WorkflowAttribute : Attribute
{
    /// <summary>Names the workflow after the type; an interface's leading <c>I</c> is left out.</summary>
    public WorkflowAttribute()
    {
    }

    /// <summary>Names the workflow.</summary>
    /// <param name="name">Workflow type name.</param>
    public WorkflowAttribute(string name) => Name = name;

    /// <summary>Gets the name given, or null for the default name.</summary>
    public string? Name { get; }

    /// <summary>
    /// Gets or sets a value indicating whether this workflow takes every type that no other workflow of the worker has. The run method
    /// then takes exactly one parameter, an array of <see cref="Converters.IRawValue" />.
    /// </summary>
    public bool Dynamic { get; set; }

    /// <summary>
    /// Gets or sets the exception types that fail the workflow instead of the workflow task, in addition to the worker's. The type
    /// <see cref="Exception" /> makes every exception fail the workflow, nondeterminism included.
    /// </summary>
    public Type[]? FailureExceptionTypes { get; set; }

    /// <summary>Gets or sets the versioning behavior of this workflow.</summary>
    public VersioningBehavior VersioningBehavior { get; set; } = VersioningBehavior.Unspecified;
}

/// <summary>Marks the one public instance method that is the workflow's main routine. It returns a task.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowRunAttribute : Attribute
{
}

/// <summary>
/// Marks the constructor that gets the workflow's arguments before any handler runs. Its parameters have the same types as the run method's.
/// </summary>
[AttributeUsage(AttributeTargets.Constructor, Inherited = false)]
public sealed class WorkflowInitAttribute : Attribute
{
}

/// <summary>Marks a public instance method, which returns a task, as the handler of a signal.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowSignalAttribute : Attribute
{
    /// <summary>Names the signal after the method, without <c>Async</c> at its end.</summary>
    public WorkflowSignalAttribute()
    {
    }

    /// <summary>Names the signal.</summary>
    /// <param name="name">Signal name.</param>
    public WorkflowSignalAttribute(string name) => Name = name;

    /// <summary>Gets the name given, or null for the default name.</summary>
    public string? Name { get; }

    /// <summary>Gets or sets a short description, shown by tools.</summary>
    public string? Description { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether this handler takes every signal that has no handler of its own. It then takes a string and
    /// an array of <see cref="Converters.IRawValue" />.
    /// </summary>
    public bool Dynamic { get; set; }

    /// <summary>Gets or sets what happens when the workflow ends while this handler still runs.</summary>
    public HandlerUnfinishedPolicy UnfinishedPolicy { get; set; } = HandlerUnfinishedPolicy.WarnAndAbandon;
}

/// <summary>Marks a public instance method, which returns a value and no task, or a property as the handler of a query.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, Inherited = false)]
public sealed class WorkflowQueryAttribute : Attribute
{
    /// <summary>Names the query after the method or property.</summary>
    public WorkflowQueryAttribute()
    {
    }

    /// <summary>Names the query.</summary>
    /// <param name="name">Query name.</param>
    public WorkflowQueryAttribute(string name) => Name = name;

    /// <summary>Gets the name given, or null for the default name.</summary>
    public string? Name { get; }

    /// <summary>Gets or sets a short description, shown by tools.</summary>
    public string? Description { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether this handler takes every query that has no handler of its own. It then takes a string and
    /// an array of <see cref="Converters.IRawValue" />.
    /// </summary>
    public bool Dynamic { get; set; }
}

/// <summary>
/// Marks the public instance method of a dynamic workflow that tells <see cref="WorkflowDefinitionOptions" /> once the instance exists.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowDynamicOptionsAttribute : Attribute
{
}
