using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Workflows;

/// <summary>Send updates, wait for them, and send them with a start.</summary>
internal sealed class UpdateCalls(FrontendServices services)
{
    public Task<UpdateWorkflowExecutionResponse> UpdateAsync(UpdateWorkflowExecutionRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        Normalize(request);
        return WhileUpAsync(context, end => services.History.Updates.UpdateAsync(ns, request, Limits.UpdatePoll, end));
    }

    public Task<PollWorkflowExecutionUpdateResponse> PollAsync(PollWorkflowExecutionUpdateRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        if (request.UpdateRef is null)
        {
            throw Refusals.InvalidArgument("UpdateRef is not set on request.");
        }

        var execution = request.UpdateRef.WorkflowExecution ??= new WorkflowExecution();
        if (execution.WorkflowId.Length == 0)
        {
            throw Refusals.InvalidArgument("Can't load workflow execution.  WorkflowId not set.");
        }

        Require.Run(execution);
        return WhileUpAsync(context, end => services.History.Updates.PollAsync(ns, request, Limits.UpdatePoll, end));
    }

    public Task<ExecuteMultiOperationResponse> ExecuteMultiOperationAsync(ExecuteMultiOperationRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        if (request.Operations is not [{ StartWorkflow: { } start }, { UpdateWorkflow: { } update }])
        {
            throw Refusals.InvalidArgument("Operations have to be exactly [Start, Update].");
        }

        var startFault = Fault(() => CheckStart(ns, start));
        var updateFault = Fault(() => CheckUpdate(request.Namespace, startFault is null ? start.WorkflowId : null, update));
        if (startFault is not null || updateFault is not null)
        {
            throw UpdateWithStarter.Refuse(startFault, updateFault);
        }

        return WhileUpAsync(context, end => services.History.UpdatesWithStart.ExecuteAsync(ns, start, update, Limits.UpdatePoll, end));
    }

    private void CheckStart(NamespaceRef ns, StartWorkflowExecutionRequest start)
    {
        RequireSameNamespace(ns.Name, start.Namespace);
        StartRules.Normalize(ns, start, services);
        if (start.Namespace.Length == 0)
        {
            throw Refusals.InvalidArgument("Namespace is empty.");
        }

        if (start.CronSchedule.Length > 0)
        {
            throw Refusals.InvalidArgument("CronSchedule is not allowed.");
        }

        if (start.RequestEagerExecution)
        {
            throw Refusals.InvalidArgument("RequestEagerExecution is not supported.");
        }

        if (!Durations.IsZero(start.WorkflowStartDelay))
        {
            throw Refusals.InvalidArgument("WorkflowStartDelay is not supported.");
        }

        start.SearchAttributes = start.SearchAttributes is { IndexedFields.Count: > 0 } ? start.SearchAttributes : null;
    }

    /// <param name="workflowId">The one that is started; null when that can't be.</param>
    private void CheckUpdate(string ns, string? workflowId, UpdateWorkflowExecutionRequest update)
    {
        RequireSameNamespace(ns, update.Namespace);
        Normalize(update);
        if (update.FirstExecutionRunId.Length > 0)
        {
            throw Refusals.InvalidArgument("FirstExecutionRunId is not allowed.");
        }

        if (update.WorkflowExecution.RunId.Length > 0)
        {
            throw Refusals.InvalidArgument("RunId is not allowed.");
        }

        if (workflowId is not null && update.WorkflowExecution.WorkflowId != workflowId)
        {
            throw Refusals.InvalidArgument("WorkflowId is not consistent with previous operation(s).");
        }
    }

    private void Normalize(UpdateWorkflowExecutionRequest request)
    {
        Require.Execution(request.WorkflowExecution);
        if (request.Request?.Meta is not { } meta)
        {
            throw Refusals.InvalidArgument("Update meta is not set on request.");
        }

        if (Require.IsTooLong(meta.UpdateId))
        {
            throw Refusals.InvalidArgument("UpdateId length exceeds limit.");
        }

        if (meta.UpdateId.Length == 0)
        {
            meta.UpdateId = services.Ids.NewId();
        }

        if (request.Request.Input is not { } input)
        {
            throw Refusals.InvalidArgument("Update input is not set on request.");
        }

        if (input.Name.Length == 0)
        {
            throw Refusals.InvalidArgument("Update name is not set on request.");
        }

        if (request.WaitPolicy?.LifecycleStage == UpdateWorkflowExecutionLifecycleStage.Admitted)
        {
            throw Refusals.PermissionDenied(
                "UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.");
        }

        CallbackRules.Check(request.Request.CompletionCallbacks);
        LinkRules.Check([.. request.Request.Links, .. request.Request.CompletionCallbacks.SelectMany(callback => callback.Links)]);
    }

    private static void RequireSameNamespace(string expected, string actual)
    {
        if (actual.Length > 0 && !string.Equals(expected, actual, StringComparison.Ordinal))
        {
            throw Refusals.InvalidArgument("Operation namespace did not match request's namespace.");
        }
    }

    private static RefusalException? Fault(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (RefusalException refused)
        {
            return refused;
        }
    }

    /// <summary>
    /// A server that stops answers UNAVAILABLE; the caller asks again, with the same update id. A caller's deadline is let pass: answered with nothing before it, an
    /// SDK would ask again, with a new deadline, for ever.
    /// </summary>
    private async Task<T> WhileUpAsync<T>(CallContext context, Func<CancellationToken, Task<T>> call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, services.Stopping);
        return await call(end.Token).ConfigureAwait(false);
    }
}
