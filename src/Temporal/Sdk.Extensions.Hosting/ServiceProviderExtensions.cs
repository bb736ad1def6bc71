using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Temporalio.Activities;

namespace Temporalio.Extensions.Hosting;

/// <summary>Makes activities of services.</summary>
public static class ServiceProviderExtensions
{
    private const BindingFlags AnyMethod =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    /// <summary>Makes an activity of each method of a service that is one.</summary>
    /// <typeparam name="T">Type of the service.</typeparam>
    /// <param name="provider">Provider; each attempt gets a scope of its own.</param>
    public static IReadOnlyCollection<ActivityDefinition> CreateTemporalActivityDefinitions<T>(this IServiceProvider provider) =>
        provider.CreateTemporalActivityDefinitions(typeof(T));

    /// <summary>Makes an activity of each method of a service that is one.</summary>
    /// <param name="provider">Provider; each attempt gets a scope of its own.</param>
    /// <param name="type">Type of the service.</param>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static IReadOnlyCollection<ActivityDefinition> CreateTemporalActivityDefinitions(this IServiceProvider provider, Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var methods = type.GetMethods(AnyMethod).Where(m => m.GetCustomAttribute<ActivityAttribute>() is not null).ToList();
        return methods.Count == 0
            ? throw new ArgumentException($"No activities found on {type}", nameof(type))
            : [.. methods.Select(method => provider.CreateTemporalActivityDefinition(type, method))];
    }

    /// <summary>Makes an activity of a service's method.</summary>
    /// <param name="provider">Provider; each attempt gets a scope of its own.</param>
    /// <param name="instanceType">Type of the service.</param>
    /// <param name="method">Method.</param>
    public static ActivityDefinition CreateTemporalActivityDefinition(
        this IServiceProvider provider, Type instanceType, MethodInfo method)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(method);
        return ActivityDefinition.Create(
            method, parameters => InvokeAsync(provider, instanceType, method, parameters));
    }

    private static async Task<object?> InvokeAsync(
        IServiceProvider provider, Type instanceType, MethodInfo method, object?[] parameters)
    {
        var ownScope = ActivityScope.ServiceScope is null ? provider.CreateAsyncScope() : default(AsyncServiceScope?);
        try
        {
            var scope = ActivityScope.ServiceScope ??= ownScope;
            object? instance = null;
            if (!method.IsStatic)
            {
                instance = ActivityScope.ScopedInstance ??= scope!.ServiceProvider.GetRequiredService(instanceType);
            }

            var result = Invoke(method, instance, parameters);
            if (result is not Task task)
            {
                return result;
            }

            await task.ConfigureAwait(false);
            return TaskResults.Get(task);
        }
        finally
        {
            if (ownScope is { } scope)
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static object? Invoke(MethodInfo method, object? instance, object?[] parameters)
    {
        try
        {
            return method.Invoke(instance, parameters);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }
}
