using System.Reflection;

namespace Temporalio;

/// <summary>Results of tasks whose type is known at run time only.</summary>
internal static class TaskResults
{
    /// <summary>The result of a completed task; an empty <see cref="ValueTuple"/> if it has none.</summary>
    public static object? Get(Task task)
    {
        // An async method without result may hand out a Task<VoidTaskResult>.
        var type = task.GetType();
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)))
        {
            type = type.BaseType;
        }

        if (type is null || type.GetGenericArguments()[0].FullName == "System.Threading.Tasks.VoidTaskResult")
        {
            return default(ValueTuple);
        }

        return type.GetProperty(nameof(Task<object>.Result), BindingFlags.Public | BindingFlags.Instance)!.GetValue(task);
    }
}
