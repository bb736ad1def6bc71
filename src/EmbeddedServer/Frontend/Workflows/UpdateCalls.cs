using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History.Updates;
using Onramp.EmbeddedServer.Visibility;
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
        return WhileUpAsync(context, end => services.History.Updates.UpdateAsync(ns, request, Hold(context), end));
    }

    public Task<PollWorkflowExecutionUpdateResponse> PollAsync(PollWorkflowExecutionUpdateRequest request, CallContext context)
    {
        var ns = services.Namespaces.Resolve(request.Namespace).Ref;
        if (request.UpdateRef is null)
        {
            throw Refusals.InvalidArgument("UpdateRef is not set on request.");
        }

        Require.Execution(request.UpdateRef.WorkflowExecution);
        if (request.UpdateRef.UpdateId.Length == 0)
        {
            throw Refusals.InvalidArgument("UpdateId is not set on request.");
        }

        Require.Identity(request.Identity);
        CheckStage(request.WaitPolicy);
        return WhileUpAsync(context, end => services.History.Updates.PollAsync(ns, request, Hold(context), end));
    }

    public Task<ExecuteMultiOperationResponse> ExecuteMultiOperationAsync(ExecuteMultiOperationRequest request, CallContext context)
    {
        var ns = services.Namespaces.ResolveForStart(request.Namespace).Ref;
        if (request.Operations is not [{ StartWorkflow: { } start }, { UpdateWorkflow: { } update }])
        {
            throw Refusals.InvalidArgument("Operations have to be exactly [Start, Update].");
        }

        Check(() => CheckStart(request.Namespace, start), refused => UpdateWithStarter.Refuse(refused, null));
        Check(() => CheckUpdate(request.Namespace, start.WorkflowId, update), refused => UpdateWithStarter.Refuse(null, refused));
        start.SearchAttributes = start.SearchAttributes is { IndexedFields.Count: > 0 }
            ? SearchAttributeRules.ForStart(ns, start.SearchAttributes, services.SearchAttributes)
            : null;
        return WhileUpAsync(context, end => services.History.UpdatesWithStart.ExecuteAsync(ns, start, update, Hold(context), end));
    }

    private void CheckStart(string ns, StartWorkflowExecutionRequest start)
    {
        RequireSameNamespace(ns, start.Namespace);
        if (start.CronSchedule.Length > 0)
        {
            throw Refusals.InvalidArgument("CronSchedule is not allowed.");
        }

        if (start.RequestEagerExecution)
        {
            throw Refusals.InvalidArgument("RequestEagerExecution is not supported.");
        }

        if (start.WorkflowStartDelay is not null)
        {
            throw Refusals.InvalidArgument("WorkflowStartDelay is not supported.");
        }

        StartRules.Normalize(start, services);
    }

    private void CheckUpdate(string ns, string workflowId, UpdateWorkflowExecutionRequest update)
    {
        RequireSameNamespace(ns, update.Namespace);
        Normalize(update);
        if (update.WorkflowExecution.WorkflowId != workflowId)
        {
            throw Refusals.InvalidArgument("WorkflowId is not consistent with previous operation(s)");
        }

        if (update.WorkflowExecution.RunId.Length > 0)
        {
            throw Refusals.InvalidArgument("RunId is not allowed.");
        }

        if (update.FirstExecutionRunId.Length > 0)
        {
            throw Refusals.InvalidArgument("FirstExecutionRunId is not allowed.");
        }
    }

    private void Normalize(UpdateWorkflowExecutionRequest request)
    {
        Require.Execution(request.WorkflowExecution);
        Require.RunId(request.FirstExecutionRunId);
        if (request.Request is null)
        {
            throw Refusals.InvalidArgument("Request is not set on request.");
        }

        if (request.Request.Input is not { Name.Length: > 0 })
        {
            throw Refusals.InvalidArgument("Update name is not set on request.");
        }

        request.Request.Meta ??= new Meta();
        if (Require.IsTooLong(request.Request.Meta.UpdateId))
        {
            throw Refusals.InvalidArgument("UpdateId length exceeds limit.");
        }

        Require.Identity(request.Request.Meta.Identity);
        services.Payloads.CheckSize(request.Request.Input.Args);
        CheckStage(request.WaitPolicy);
        if (request.Request.Meta.UpdateId.Length == 0)
        {
            request.Request.Meta.UpdateId = services.Ids.NewId();
        }
    }

    private static void CheckStage(WaitPolicy? policy)
    {
        if (policy?.LifecycleStage == UpdateWorkflowExecutionLifecycleStage.Admitted)
        {
            throw Refusals.PermissionDenied("Workflow Update wait stage ADMITTED is not supported.");
        }
    }

    private static void RequireSameNamespace(string expected, string actual)
    {
        if (actual.Length > 0 && !string.Equals(expected, actual, StringComparison.Ordinal))
        {
            throw Refusals.InvalidArgument("Namespace is not consistent with previous operation(s)");
        }
    }

    private static void Check(Action check, Func<RefusalException, RefusalException> refuse)
    {
        try
        {
            check();
        }
        catch (RefusalException refused)
        {
            throw refuse(refused);
        }
    }

    /// <summary>A server that stops answers UNAVAILABLE; the caller asks again, with the same update id.</summary>
    private async Task<T> WhileUpAsync<T>(CallContext context, Func<CancellationToken, Task<T>> call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, services.Stopping);
        return await call(end.Token).ConfigureAwait(false);
    }

    private TimeSpan Hold(CallContext context) => new LongPoll(context, Limits.UpdatePoll, services.WallClock).Remaining;
}
