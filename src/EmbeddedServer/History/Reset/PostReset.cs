using Onramp.EmbeddedServer.History.Workflows;
using Temporalio.Api.Workflow.V1;

namespace Onramp.EmbeddedServer.History.Reset;

/// <summary>What a reset does to the new run before its first task: changes its options.</summary>
internal static class PostReset
{
    /// <exception cref="RefusalException">INVALID_ARGUMENT or UNIMPLEMENTED: it isn't one, or what it changes isn't there.</exception>
    public static void Check(PostResetOperation operation)
    {
        if (operation.UpdateWorkflowOptions is not { } update)
        {
            var kind = operation.VariantCase == PostResetOperation.VariantOneofCase.None ? "<nil>" : $"*workflow.PostResetOperation_{operation.VariantCase}_";
            throw Errors.InvalidArgument($"unsupported post reset operation: {kind}");
        }

        ExecutionOptions.Check(update.WorkflowExecutionOptions, update.UpdateMask);
    }
}
