using Temporalio.Api.Sdk.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Instance;

/// <summary>Queries that every workflow answers.</summary>
internal static class BuiltInQueries
{
    private const string Metadata = "__temporal_workflow_metadata";
    private const string StackTrace = "__stack_trace";

    /// <summary>Answers a query if it is one of these.</summary>
    public static bool TryAnswer(string query, WorkflowInstance instance, WorkflowStackTrace stackTrace, out object? answer)
    {
        switch (query)
        {
            case Metadata:
                answer = MetadataOf(instance);
                return true;
            case StackTrace:
                answer = stackTrace == WorkflowStackTrace.None
                    ? throw new InvalidOperationException("Workflow stack traces are not enabled on this worker")
                    : instance.CurrentStackTrace();
                return true;
            default:
                answer = null;
                return false;
        }
    }

    private static WorkflowMetadata MetadataOf(WorkflowInstance instance)
    {
        var definition = new Api.Sdk.V1.WorkflowDefinition { Type = instance.Definition.Name ?? string.Empty };
        definition.SignalDefinitions.AddRange(instance.Signals.Values
            .Append(instance.DynamicSignal)
            .OfType<WorkflowSignalDefinition>()
            .Select(signal => Describe(signal.Name, signal.Description)));
        definition.QueryDefinitions.AddRange(instance.Queries.Values
            .Append(instance.DynamicQuery)
            .OfType<WorkflowQueryDefinition>()
            .Select(query => Describe(query.Name, query.Description)));
        Sort(definition.SignalDefinitions);
        Sort(definition.QueryDefinitions);
        return new() { Definition = definition, CurrentDetails = instance.CurrentDetails };
    }

    private static WorkflowInteractionDefinition Describe(string? name, string? description) =>
        new() { Name = name ?? string.Empty, Description = description ?? string.Empty };

    private static void Sort(Google.Protobuf.Collections.RepeatedField<WorkflowInteractionDefinition> definitions)
    {
        var sorted = definitions.OrderBy(definition => definition.Name, StringComparer.Ordinal).ToArray();
        definitions.Clear();
        definitions.AddRange(sorted);
    }
}
