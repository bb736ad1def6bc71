using System.ComponentModel.DataAnnotations;

namespace Temporalio.Worker;

/// <summary>What a worker's options must keep to, apart from the range of each.</summary>
internal static class WorkerOptionsValidation
{
    /// <exception cref="ArgumentException">An option is missing or invalid, or two rule each other out.</exception>
    public static void Validate(TemporalWorkerOptions options)
    {
        if (string.IsNullOrEmpty(options.TaskQueue))
        {
            throw new ArgumentException("Task queue must be specified", nameof(options));
        }

        if (options.Workflows.Count == 0 && options.Activities.Count == 0)
        {
            throw new ArgumentException("Must have at least one workflow and/or activity", nameof(options));
        }

        try
        {
            Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        }
        catch (ValidationException e)
        {
            throw new ArgumentException(e.Message, nameof(options), e);
        }

        if (options.Tuner is not null && (options.MaxConcurrentWorkflowTasks is not null || options.MaxConcurrentActivities is not null))
        {
            throw new ArgumentException("Tuner cannot be set together with MaxConcurrentWorkflowTasks or MaxConcurrentActivities", nameof(options));
        }

        if (options.DeploymentOptions is not null && options.BuildId is not null)
        {
            throw new ArgumentException("BuildId cannot be set together with DeploymentOptions", nameof(options));
        }

        if (options.MaxCachedWorkflows > 0 && options.Workflows.Count > 0)
        {
            RequireTwo(options.MaxConcurrentWorkflowTasks, nameof(options.MaxConcurrentWorkflowTasks));
            RequireTwo((options.WorkflowTaskPollerBehavior as Tuning.PollerBehavior.SimpleMaximum)?.Maximum, nameof(options.WorkflowTaskPollerBehavior));
            RequireTwo(options.MaxConcurrentWorkflowTaskPolls, nameof(options.MaxConcurrentWorkflowTaskPolls));
        }
    }

    /// <summary>With a cache there are two queues to poll, and neither may starve the other.</summary>
    private static void RequireTwo(int? value, string name)
    {
        if (value < 2)
        {
            throw new ArgumentException($"{name} must be at least 2 unless MaxCachedWorkflows is 0");
        }
    }
}
