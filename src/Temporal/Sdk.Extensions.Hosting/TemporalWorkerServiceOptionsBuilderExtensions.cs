using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Temporalio.Activities;

namespace Temporalio.Extensions.Hosting;

/// <summary>Adds workflows and activities to a hosted worker.</summary>
public static class TemporalWorkerServiceOptionsBuilderExtensions
{
    /// <summary>Adds a workflow.</summary>
    /// <typeparam name="T">Type of the workflow.</typeparam>
    /// <param name="builder">Builder.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddWorkflow<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddWorkflow(typeof(T));

    /// <summary>Adds a workflow.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type of the workflow.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddWorkflow(this ITemporalWorkerServiceOptionsBuilder builder, Type type) =>
        builder.ConfigureOptions(options => options.AddWorkflow(type));

    /// <summary>Adds a type's static activities.</summary>
    /// <typeparam name="T">Type with the activities.</typeparam>
    /// <param name="builder">Builder.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddStaticActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddStaticActivities(typeof(T));

    /// <summary>Adds a type's static activities.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type with the activities.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddStaticActivities(
        this ITemporalWorkerServiceOptionsBuilder builder, Type type) =>
        builder.ConfigureOptions(options => options.AddAllActivities(type, instance: null));

    /// <summary>Adds an object's activities.</summary>
    /// <typeparam name="T">Type with the activities.</typeparam>
    /// <param name="builder">Builder.</param>
    /// <param name="instance">Object that runs them all.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddActivitiesInstance<T>(
        this ITemporalWorkerServiceOptionsBuilder builder, T instance) =>
        builder.AddActivitiesInstance(typeof(T), instance!);

    /// <summary>Adds an object's activities.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type with the activities.</param>
    /// <param name="instance">Object that runs them all.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddActivitiesInstance(
        this ITemporalWorkerServiceOptionsBuilder builder, Type type, object instance) =>
        builder.ConfigureOptions(options => options.AddAllActivities(type, instance));

    /// <summary>Adds a service's activities; the service is added as a singleton unless it is there.</summary>
    /// <typeparam name="T">Type with the activities.</typeparam>
    /// <param name="builder">Builder.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddSingletonActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddSingletonActivities(typeof(T));

    /// <summary>Adds a service's activities; the service is added as a singleton unless it is there.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type with the activities.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddSingletonActivities(
        this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.Services.TryAddSingleton(type);
        return builder.ApplyTemporalActivities(type);
    }

    /// <summary>Adds a service's activities; the service is added as scoped, to each attempt, unless it is there.</summary>
    /// <typeparam name="T">Type with the activities.</typeparam>
    /// <param name="builder">Builder.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddScopedActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddScopedActivities(typeof(T));

    /// <summary>Adds a service's activities; the service is added as scoped, to each attempt, unless it is there.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type with the activities.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddScopedActivities(
        this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.Services.TryAddScoped(type);
        return builder.ApplyTemporalActivities(type);
    }

    /// <summary>Adds a service's activities; the service is added as transient unless it is there.</summary>
    /// <typeparam name="T">Type with the activities.</typeparam>
    /// <param name="builder">Builder.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddTransientActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddTransientActivities(typeof(T));

    /// <summary>Adds a service's activities; the service is added as transient unless it is there.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type with the activities.</param>
    public static ITemporalWorkerServiceOptionsBuilder AddTransientActivities(
        this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.Services.TryAddTransient(type);
        return builder.ApplyTemporalActivities(type);
    }

    /// <summary>Adds the activities of a service that is there already.</summary>
    /// <typeparam name="T">Type with the activities.</typeparam>
    /// <param name="builder">Builder.</param>
    public static ITemporalWorkerServiceOptionsBuilder ApplyTemporalActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.ApplyTemporalActivities(typeof(T));

    /// <summary>Adds the activities of a service that is there already.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="type">Type with the activities.</param>
    public static ITemporalWorkerServiceOptionsBuilder ApplyTemporalActivities(
        this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.ConfigureOptions().Configure<IServiceProvider>((options, provider) =>
        {
            foreach (ActivityDefinition definition in provider.CreateTemporalActivityDefinitions(type))
            {
                options.AddActivity(definition);
            }
        });
        return builder;
    }

    /// <summary>Changes the worker's options.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="configure">Changes them.</param>
    /// <param name="disallowDuplicates">Whether to refuse if such a worker is there already.</param>
    public static ITemporalWorkerServiceOptionsBuilder ConfigureOptions(
        this ITemporalWorkerServiceOptionsBuilder builder,
        Action<TemporalWorkerServiceOptions> configure,
        bool disallowDuplicates = false)
    {
        builder.ConfigureOptions(disallowDuplicates).Configure(configure);
        return builder;
    }

    /// <summary>The worker's options.</summary>
    /// <param name="builder">Builder.</param>
    /// <param name="disallowDuplicates">Whether to refuse if such a worker is there already.</param>
    /// <exception cref="InvalidOperationException">Such a worker is there already.</exception>
    public static OptionsBuilder<TemporalWorkerServiceOptions> ConfigureOptions(
        this ITemporalWorkerServiceOptionsBuilder builder, bool disallowDuplicates = false)
    {
        var name = TemporalWorkerServiceOptionsBuilder.Identify(builder).OptionsName;
        if (disallowDuplicates)
        {
            var taken = builder.Services.Any(service =>
                service.ImplementationInstance is ConfigureNamedOptions<TemporalWorkerServiceOptions> existing && existing.Name == name);
            if (taken)
            {
                throw new InvalidOperationException(
                    $"Worker service for task queue '{builder.TaskQueue}' with version '{builder.BuildId ?? "<unset>"}' already on collection");
            }
        }

        return builder.Services.AddOptions<TemporalWorkerServiceOptions>(name);
    }
}
