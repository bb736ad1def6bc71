using Google.Protobuf;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Batches;

/// <summary>
/// What batch operations do to pending activities: to those of a type, or to all. A workflow that has none such is done with.
/// </summary>
internal static class BatchActivities
{
    public static Task UnpauseAsync(BatchStep step) => step.History.ActivityOperations.UnpauseAsync(
        step.Batch.Namespace, Repeat(step.Batch.Request.UnpauseActivitiesOperation, new UnpauseActivityRequest { Execution = step.Execution }));

    public static Task ResetAsync(BatchStep step) => step.History.ActivityOperations.ResetAsync(
        step.Batch.Namespace, Repeat(step.Batch.Request.ResetActivitiesOperation, new ResetActivityRequest { Execution = step.Execution }));

    public static Task UpdateOptionsAsync(BatchStep step)
    {
        var operation = step.Batch.Request.UpdateActivityOptionsOperation;
        if (!operation.HasType && !operation.HasMatchAll)
        {
            throw Errors.InvalidArgument("neither a type of activities nor all are asked for");
        }

        return step.History.ActivityOperations.UpdateOptionsAsync(
            step.Batch.Namespace, Repeat(operation, new UpdateActivityOptionsRequest { Execution = step.Execution }));
    }

    /// <summary>Says what an operation says in a request about one workflow: fields of one name mean the same. Naming no type means all activities.</summary>
    internal static T Repeat<T>(IMessage operation, T request)
        where T : IMessage
    {
        foreach (var field in operation.Descriptor.Fields.InFieldNumberOrder())
        {
            var same = request.Descriptor.FindFieldByName(field.Name);
            if (same is not null && (!field.HasPresence || field.Accessor.HasValue(operation)))
            {
                same.Accessor.SetValue(request, field.Accessor.GetValue(operation));
            }
        }

        return request;
    }
}
