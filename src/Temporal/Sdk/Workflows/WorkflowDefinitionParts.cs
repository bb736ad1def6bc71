using System.Reflection;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>What a workflow type's attributes say, with everything that is wrong about them collected.</summary>
internal sealed class WorkflowDefinitionParts
{
    private readonly List<string> errors = [];
    private readonly Dictionary<string, WorkflowSignalDefinition> signals = [];
    private readonly Dictionary<string, WorkflowQueryDefinition> queries = [];

    private WorkflowDefinitionParts(Type type) => Type = type;

    public Type Type { get; }

    public string? Name { get; private set; }

    public MethodInfo RunMethod { get; private set; } = null!;

    public Func<object?[], object>? Creator { get; private set; }

    public bool InitTakesArguments { get; private set; }

    public IReadOnlyDictionary<string, WorkflowSignalDefinition> Signals => signals;

    public WorkflowSignalDefinition? DynamicSignal { get; private set; }

    public IReadOnlyDictionary<string, WorkflowQueryDefinition> Queries => queries;

    public WorkflowQueryDefinition? DynamicQuery { get; private set; }

    public Type[]? FailureExceptionTypes { get; private set; }

    public VersioningBehavior? VersioningBehavior { get; private set; }

    public Func<object, WorkflowDefinitionOptions>? DynamicOptionsGetter { get; private set; }

    public static WorkflowDefinitionParts Read(Type type, string? nameOverride, bool findConstructor)
    {
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(inherit: false)
            ?? throw new ArgumentException($"{type} missing Workflow attribute");
        var parts = new WorkflowDefinitionParts(type);
        parts.ReadName(attribute, nameOverride);
        parts.FailureExceptionTypes = attribute.FailureExceptionTypes;
        parts.VersioningBehavior = attribute.VersioningBehavior == Common.VersioningBehavior.Unspecified ? null : attribute.VersioningBehavior;
        parts.ReadMembers(attribute.Dynamic);
        if (findConstructor && !type.IsInterface && !type.IsAbstract)
        {
            parts.ReadConstructor();
        }

        return parts.errors.Count == 0
            ? parts
            : throw new ArgumentException($"Invalid workflow type {type}: {string.Join(", ", parts.errors)}");
    }

    private void ReadName(WorkflowAttribute attribute, string? nameOverride)
    {
        if (attribute.Dynamic)
        {
            if (attribute.Name is not null || nameOverride is not null)
            {
                errors.Add("dynamic workflow cannot have a name");
            }

            return;
        }

        Name = nameOverride ?? attribute.Name ?? DefaultName();
        if (Name.Length == 0)
        {
            errors.Add("workflow name cannot be empty");
        }
    }

    private string DefaultName()
    {
        var name = Type.Name;
        return Type.IsInterface && name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]) ? name[1..] : name;
    }

    private void ReadMembers(bool dynamic)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        foreach (var method in Type.GetMethods(All))
        {
            Collect(() => ReadMethod(method, dynamic));
        }

        foreach (var property in Type.GetProperties(All).Where(p => p.IsDefined(typeof(WorkflowQueryAttribute), inherit: false)))
        {
            Collect(() => Add(WorkflowQueryDefinition.FromProperty(property)));
        }

        if (RunMethod is null)
        {
            errors.Add("missing a method with WorkflowRun on it");
        }
    }

    private void ReadMethod(MethodInfo method, bool dynamic)
    {
        if (method.IsDefined(typeof(WorkflowRunAttribute), inherit: false))
        {
            ReadRunMethod(method, dynamic);
        }
        else if (OverriddenWithAttribute<WorkflowRunAttribute>(method))
        {
            errors.Add($"WorkflowRun on base {method} but not override");
        }

        if (method.IsDefined(typeof(WorkflowSignalAttribute), inherit: false))
        {
            Add(WorkflowSignalDefinition.FromMethod(method));
        }
        else if (OverriddenWithAttribute<WorkflowSignalAttribute>(method))
        {
            errors.Add($"WorkflowSignal on base {method} but not override");
        }

        if (method.IsDefined(typeof(WorkflowQueryAttribute), inherit: false))
        {
            Add(WorkflowQueryDefinition.FromMethod(method));
        }
        else if (OverriddenWithAttribute<WorkflowQueryAttribute>(method))
        {
            errors.Add($"WorkflowQuery on base {method} but not override");
        }

        if (method.IsDefined(typeof(WorkflowDynamicOptionsAttribute), inherit: false))
        {
            ReadDynamicOptions(method, dynamic);
        }
    }

    private void ReadRunMethod(MethodInfo method, bool dynamic)
    {
        if (RunMethod is not null)
        {
            errors.Add("WorkflowRun on multiple methods");
            return;
        }

        RunMethod = method;
        if (!Type.IsInterface && method.DeclaringType != Type)
        {
            errors.Add($"WorkflowRun on {method} must be declared on {Type}, not inherited from {method.DeclaringType}");
        }

        if (!method.IsPublic || method.IsStatic)
        {
            errors.Add($"WorkflowRun on {method} must be public and not static");
        }

        if (method.ContainsGenericParameters)
        {
            errors.Add($"WorkflowRun on {method} cannot be generic");
        }

        if (!typeof(Task).IsAssignableFrom(method.ReturnType))
        {
            errors.Add($"WorkflowRun method {method} must return an instance of Task");
        }

        if (dynamic && (method.GetParameters() is not [var parameter] || parameter.ParameterType != typeof(IRawValue[])))
        {
            errors.Add($"WorkflowRun on dynamic workflow {method} must accept an array of IRawValue");
        }
    }

    private void ReadDynamicOptions(MethodInfo method, bool dynamic)
    {
        if (!dynamic)
        {
            errors.Add("WorkflowDynamicOptions can only be used in dynamic workflows");
        }
        else if (DynamicOptionsGetter is not null)
        {
            errors.Add("WorkflowDynamicOptions on multiple methods");
        }
        else if (!method.IsPublic || method.IsStatic || method.GetParameters().Length != 0 || method.ReturnType != typeof(WorkflowDefinitionOptions))
        {
            errors.Add($"WorkflowDynamicOptions method {method} must be public, not static, accept no parameters and return WorkflowDefinitionOptions");
        }
        else
        {
            var handler = HandlerMethod.For(method);
            DynamicOptionsGetter = instance => (WorkflowDefinitionOptions)handler.Invoke(instance, [])!;
        }
    }

    private void ReadConstructor()
    {
        var constructors = Type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);
        var attributed = constructors.Where(c => c.IsDefined(typeof(WorkflowInitAttribute), inherit: false)).ToArray();
        if (attributed.Length > 1)
        {
            errors.Add("WorkflowInit on multiple");
            return;
        }

        var constructor = attributed.FirstOrDefault() ?? constructors.FirstOrDefault(c => c.GetParameters().Length == 0);
        if (constructor is null || !constructor.IsPublic)
        {
            errors.Add(constructor is null && attributed.Length == 0
                ? "has no public parameterless constructor and no WorkflowInit constructor"
                : "WorkflowInit or parameterless constructor must be public");
            return;
        }

        InitTakesArguments = constructor.GetParameters().Length > 0;
        if (InitTakesArguments && RunMethod is not null
            && !constructor.GetParameters().Select(p => p.ParameterType).SequenceEqual(RunMethod.GetParameters().Select(p => p.ParameterType)))
        {
            errors.Add("WorkflowInit constructor parameters must match WorkflowRun method parameters");
            return;
        }

        Creator = WorkflowDefinition.CreatorOf(constructor, InitTakesArguments);
    }

    private void Add(WorkflowSignalDefinition signal)
    {
        if (signal.Name is null)
        {
            if (DynamicSignal is not null)
            {
                errors.Add("has more than one dynamic signal");
            }

            DynamicSignal = signal;
        }
        else if (!signals.TryAdd(signal.Name, signal))
        {
            errors.Add($"has more than one signal named {signal.Name}");
        }
    }

    private void Add(WorkflowQueryDefinition query)
    {
        if (query.Name is null)
        {
            if (DynamicQuery is not null)
            {
                errors.Add("has more than one dynamic query");
            }

            DynamicQuery = query;
        }
        else if (!queries.TryAdd(query.Name, query))
        {
            errors.Add($"has more than one query named {query.Name}");
        }
    }

    private void Collect(Action read)
    {
        try
        {
            read();
        }
        catch (ArgumentException e)
        {
            errors.Add(e.Message);
        }
    }

    /// <summary>An override must repeat the attribute, or readers of the class would not see that it is a handler.</summary>
    private static bool OverriddenWithAttribute<T>(MethodInfo method)
        where T : Attribute =>
        method.GetBaseDefinition() is { } definition && definition != method && definition.DeclaringType != method.DeclaringType
        && definition.IsDefined(typeof(T), inherit: false);
}
