using Onramp.EmbeddedServer.Frontend;
using Onramp.EmbeddedServer.Frontend.Batches;
using Onramp.EmbeddedServer.Frontend.Cluster;
using Onramp.EmbeddedServer.Frontend.Listing;
using Onramp.EmbeddedServer.Frontend.Namespaces;
using Onramp.EmbeddedServer.Frontend.Schedules;
using Onramp.EmbeddedServer.Frontend.TaskQueues;
using Onramp.EmbeddedServer.Frontend.Tasks;
using Onramp.EmbeddedServer.Frontend.Unsupported;
using Onramp.EmbeddedServer.Frontend.Workers;
using Onramp.EmbeddedServer.Frontend.Workflows;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using OperatorReflection = Temporalio.Api.OperatorService.V1.ServiceReflection;
using WorkflowReflection = Temporalio.Api.WorkflowService.V1.ServiceReflection;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>All services of the server. What has no handler answers UNIMPLEMENTED by name.</summary>
internal static class FrontendTable
{
    private const string OptionGaps = "priorities can be changed; versioning overrides and time skipping of single workflows are refused";
    private const string ResetGaps = "versioning overrides after the reset are refused";
    private const string StartGaps = "completion callbacks to other servers, versioning overrides and time skipping of single workflows are refused";

    public static CallTable Create(
        FrontendServices services, ServerIdentity identity, NamespaceRemoval removal, TaskQueueConfigs configs, WorkerRegistry workers)
    {
        var table = new CallTable();
        var workflowService = WorkflowReflection.Descriptor.Services.Single();
        var operatorService = OperatorReflection.Descriptor.Services.Single();
        var bindings = new ServiceBindings(table, workflowService);
        BindWorkflows(bindings, services);
        BindTasks(bindings, services, workers);
        BindListing(bindings, services);
        BindSchedules(bindings, services);
        BindBatches(bindings, services);
        BindCluster(bindings, services, identity);
        BindWorkers(bindings, services, configs, workers);
        BindRefused(bindings, services);
        BindOperator(new ServiceBindings(table, operatorService), services, identity, removal);
        var unimplemented = new UnimplementedCalls(services);
        table.MapRest(workflowService, unimplemented.AnswerAsync).MapRest(operatorService, unimplemented.AnswerAsync);
        return table;
    }

    private static void BindWorkflows(ServiceBindings bindings, FrontendServices services)
    {
        var start = new StartCalls(services, new TaskHandback(services));
        var workflow = new WorkflowCalls(services);
        var updates = new UpdateCalls(services);
        var history = new HistoryCalls(services);
        bindings
            .Map<StartWorkflowExecutionRequest, StartWorkflowExecutionResponse>(start.StartAsync, missing: StartGaps)
            .Map<SignalWithStartWorkflowExecutionRequest, SignalWithStartWorkflowExecutionResponse>(start.SignalWithStartAsync, missing: StartGaps)
            .Map<SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse>(workflow.SignalAsync)
            .Map<RequestCancelWorkflowExecutionRequest, RequestCancelWorkflowExecutionResponse>(workflow.RequestCancelAsync)
            .Map<TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse>(workflow.TerminateAsync)
            .Map<ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse>(new ResetCalls(services).ResetAsync, ResetGaps)
            .Map<UpdateWorkflowExecutionOptionsRequest, UpdateWorkflowExecutionOptionsResponse>(workflow.UpdateOptionsAsync, OptionGaps)
            .Map<DeleteWorkflowExecutionRequest, DeleteWorkflowExecutionResponse>(workflow.DeleteAsync)
            .Map<DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse>(workflow.DescribeAsync)
            .Map<QueryWorkflowRequest, QueryWorkflowResponse>(workflow.QueryAsync)
            .Map<UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse>(updates.UpdateAsync)
            .Map<PollWorkflowExecutionUpdateRequest, PollWorkflowExecutionUpdateResponse>(updates.PollAsync)
            .Map<ExecuteMultiOperationRequest, ExecuteMultiOperationResponse>(updates.ExecuteMultiOperationAsync, missing: StartGaps)
            .Map<ResetStickyTaskQueueRequest, ResetStickyTaskQueueResponse>(workflow.ResetStickyAsync)
            .Map<GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse>(history.GetAsync)
            .Map<GetWorkflowExecutionHistoryReverseRequest, GetWorkflowExecutionHistoryReverseResponse>(history.GetReverseAsync);
    }

    private const string OnlyOfWorkflows = "activities of workflows; standalone ones are refused";

    private static void BindTasks(ServiceBindings bindings, FrontendServices services, WorkerRegistry registry)
    {
        var handback = new TaskHandback(services);
        var workflowTasks = new WorkflowTaskCalls(services, handback);
        var activityTasks = new ActivityTaskCalls(services, handback);
        var activitiesById = new ActivityByIdCalls(services);
        var operations = new ActivityOperationCalls(services);
        var executions = new ActivityExecutionCalls(services);
        bindings
            .Map<PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse>(workflowTasks.PollAsync)
            .Map<RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskCompletedResponse>(workflowTasks.CompleteAsync, missing: "commands of Nexus fail the task, by name")
            .Map<RespondWorkflowTaskFailedRequest, RespondWorkflowTaskFailedResponse>(workflowTasks.FailAsync)
            .Map<RespondQueryTaskCompletedRequest, RespondQueryTaskCompletedResponse>(workflowTasks.CompleteQueryAsync)
            .Map<PollNexusTaskQueueRequest, PollNexusTaskQueueResponse>(new NexusTaskCalls(services, registry).PollAsync, missing: "polls are held, and there is never a task")
            .Map<PollActivityTaskQueueRequest, PollActivityTaskQueueResponse>(activityTasks.PollAsync)
            .Map<RespondActivityTaskCompletedRequest, RespondActivityTaskCompletedResponse>(activityTasks.CompleteAsync)
            .Map<RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse>(activityTasks.FailAsync)
            .Map<RespondActivityTaskCanceledRequest, RespondActivityTaskCanceledResponse>(activityTasks.CancelAsync)
            .Map<RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse>(activityTasks.HeartbeatAsync)
            .Map<RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedByIdResponse>(activitiesById.CompleteAsync)
            .Map<RespondActivityTaskFailedByIdRequest, RespondActivityTaskFailedByIdResponse>(activitiesById.FailAsync)
            .Map<RespondActivityTaskCanceledByIdRequest, RespondActivityTaskCanceledByIdResponse>(activitiesById.CancelAsync)
            .Map<RecordActivityTaskHeartbeatByIdRequest, RecordActivityTaskHeartbeatByIdResponse>(activitiesById.HeartbeatAsync)
            .Map<PauseActivityRequest, PauseActivityResponse>(operations.PauseAsync)
            .Map<UnpauseActivityRequest, UnpauseActivityResponse>(operations.UnpauseAsync)
            .Map<ResetActivityRequest, ResetActivityResponse>(operations.ResetAsync)
            .Map<UpdateActivityOptionsRequest, UpdateActivityOptionsResponse>(operations.UpdateOptionsAsync)
            .Map<PauseActivityExecutionRequest, PauseActivityExecutionResponse>(executions.PauseAsync, OnlyOfWorkflows)
            .Map<UnpauseActivityExecutionRequest, UnpauseActivityExecutionResponse>(executions.UnpauseAsync, OnlyOfWorkflows)
            .Map<ResetActivityExecutionRequest, ResetActivityExecutionResponse>(executions.ResetAsync, OnlyOfWorkflows)
            .Map<UpdateActivityExecutionOptionsRequest, UpdateActivityExecutionOptionsResponse>(executions.UpdateOptionsAsync, OnlyOfWorkflows);
    }

    private static void BindListing(ServiceBindings bindings, FrontendServices services)
    {
        var lists = new ListCalls(services);
        var older = new OlderListCalls(services);
        bindings
            .Map<ListWorkflowExecutionsRequest, ListWorkflowExecutionsResponse>(lists.ListAsync)
            .Map<ScanWorkflowExecutionsRequest, ScanWorkflowExecutionsResponse>(lists.ScanAsync)
            .Map<CountWorkflowExecutionsRequest, CountWorkflowExecutionsResponse>(lists.CountAsync)
            .Map<ListArchivedWorkflowExecutionsRequest, ListArchivedWorkflowExecutionsResponse>(lists.ListArchivedAsync)
            .Map<ListOpenWorkflowExecutionsRequest, ListOpenWorkflowExecutionsResponse>(older.ListOpenAsync)
            .Map<ListClosedWorkflowExecutionsRequest, ListClosedWorkflowExecutionsResponse>(older.ListClosedAsync);
    }

    private const string MissingOfSchedules =
        "time zones by their data and versioning overrides are refused";

    private static void BindSchedules(ServiceBindings bindings, FrontendServices services)
    {
        var schedules = new ScheduleCalls(services);
        bindings
            .Map<CreateScheduleRequest, CreateScheduleResponse>(schedules.CreateAsync, MissingOfSchedules)
            .Map<DescribeScheduleRequest, DescribeScheduleResponse>(schedules.DescribeAsync)
            .Map<UpdateScheduleRequest, UpdateScheduleResponse>(schedules.UpdateAsync, MissingOfSchedules)
            .Map<PatchScheduleRequest, PatchScheduleResponse>(schedules.PatchAsync)
            .Map<ListScheduleMatchingTimesRequest, ListScheduleMatchingTimesResponse>(schedules.MatchingTimesAsync)
            .Map<DeleteScheduleRequest, DeleteScheduleResponse>(schedules.DeleteAsync)
            .Map<ListSchedulesRequest, ListSchedulesResponse>(schedules.ListAsync)
            .Map<CountSchedulesRequest, CountSchedulesResponse>(schedules.CountAsync);
    }

    private static void BindBatches(ServiceBindings bindings, FrontendServices services)
    {
        var batches = new BatchCalls(services);
        bindings
            .Map<StartBatchOperationRequest, StartBatchOperationResponse>(batches.StartAsync, "resets to the task of a build id and operations on standalone activities are refused, by name")
            .Map<StopBatchOperationRequest, StopBatchOperationResponse>(batches.StopAsync)
            .Map<DescribeBatchOperationRequest, DescribeBatchOperationResponse>(batches.DescribeAsync)
            .Map<ListBatchOperationsRequest, ListBatchOperationsResponse>(batches.ListAsync);
    }

    private static void BindCluster(ServiceBindings bindings, FrontendServices services, ServerIdentity identity)
    {
        var cluster = new ClusterCalls(identity);
        var namespaces = new NamespaceCalls(services.Namespaces, services.WallClock);
        bindings
            .Map<GetSystemInfoRequest, GetSystemInfoResponse>(cluster.GetSystemInfoAsync)
            .Map<GetClusterInfoRequest, GetClusterInfoResponse>(cluster.GetClusterInfoAsync)
            .Map<GetSearchAttributesRequest, GetSearchAttributesResponse>(cluster.GetSearchAttributesAsync)
            .Map<RegisterNamespaceRequest, RegisterNamespaceResponse>(namespaces.RegisterAsync)
            .Map<DescribeNamespaceRequest, DescribeNamespaceResponse>(namespaces.DescribeAsync)
            .Map<ListNamespacesRequest, ListNamespacesResponse>(namespaces.ListAsync)
            .Map<UpdateNamespaceRequest, UpdateNamespaceResponse>(namespaces.UpdateAsync)
            .Map<DeprecateNamespaceRequest, DeprecateNamespaceResponse>(namespaces.DeprecateAsync);
    }

    private static void BindWorkers(ServiceBindings bindings, FrontendServices services, TaskQueueConfigs configs, WorkerRegistry registry)
    {
        var queues = new TaskQueueCalls(services, configs);
        var workers = new WorkerCalls(services, registry);
        bindings
            .Map<DescribeTaskQueueRequest, DescribeTaskQueueResponse>(queues.DescribeAsync, missing: "versions route nothing: every task is for workers without one")
            .Map<ListTaskQueuePartitionsRequest, ListTaskQueuePartitionsResponse>(queues.ListPartitionsAsync)
            .Map<UpdateTaskQueueConfigRequest, UpdateTaskQueueConfigResponse>(queues.UpdateConfigAsync, missing: "weights of fairness keys are kept and told, tasks don't go by them")
            .Map<RecordWorkerHeartbeatRequest, RecordWorkerHeartbeatResponse>(workers.RecordHeartbeatAsync)
            .Map<DescribeWorkerRequest, DescribeWorkerResponse>(workers.DescribeAsync)
            .Map<ListWorkersRequest, ListWorkersResponse>(workers.ListAsync)
            .Map<CountWorkersRequest, CountWorkersResponse>(workers.CountAsync)
            .Refuse<FetchWorkerConfigRequest, FetchWorkerConfigResponse>(workers.FetchConfigAsync)
            .Refuse<UpdateWorkerConfigRequest, UpdateWorkerConfigResponse>(workers.UpdateConfigAsync)
            .Map<ShutdownWorkerRequest, ShutdownWorkerResponse>(workers.ShutdownAsync);
    }

    private static void BindRefused(ServiceBindings bindings, FrontendServices services)
    {
        var disabled = new DisabledCalls(services);
        bindings
            .Refuse<PauseWorkflowExecutionRequest, PauseWorkflowExecutionResponse>(disabled.PauseWorkflowAsync)
            .Refuse<UnpauseWorkflowExecutionRequest, UnpauseWorkflowExecutionResponse>(disabled.UnpauseWorkflowAsync)
            .Refuse<UpdateWorkerBuildIdCompatibilityRequest, UpdateWorkerBuildIdCompatibilityResponse>(disabled.RefuseVersionSets<UpdateWorkerBuildIdCompatibilityRequest, UpdateWorkerBuildIdCompatibilityResponse>)
            .Refuse<GetWorkerBuildIdCompatibilityRequest, GetWorkerBuildIdCompatibilityResponse>(disabled.RefuseVersionSets<GetWorkerBuildIdCompatibilityRequest, GetWorkerBuildIdCompatibilityResponse>)
            .Refuse<UpdateWorkerVersioningRulesRequest, UpdateWorkerVersioningRulesResponse>(disabled.RefuseVersioningRules<UpdateWorkerVersioningRulesRequest, UpdateWorkerVersioningRulesResponse>)
            .Refuse<GetWorkerVersioningRulesRequest, GetWorkerVersioningRulesResponse>(disabled.RefuseVersioningRules<GetWorkerVersioningRulesRequest, GetWorkerVersioningRulesResponse>)
            .Refuse<GetWorkerTaskReachabilityRequest, GetWorkerTaskReachabilityResponse>(disabled.RefuseVersioningRules<GetWorkerTaskReachabilityRequest, GetWorkerTaskReachabilityResponse>)
            .Refuse<DescribeDeploymentRequest, DescribeDeploymentResponse>(disabled.RefuseDeployments<DescribeDeploymentRequest, DescribeDeploymentResponse>)
            .Refuse<ListDeploymentsRequest, ListDeploymentsResponse>(disabled.RefuseDeployments<ListDeploymentsRequest, ListDeploymentsResponse>)
            .Refuse<GetCurrentDeploymentRequest, GetCurrentDeploymentResponse>(disabled.RefuseDeployments<GetCurrentDeploymentRequest, GetCurrentDeploymentResponse>)
            .Refuse<SetCurrentDeploymentRequest, SetCurrentDeploymentResponse>(disabled.RefuseDeployments<SetCurrentDeploymentRequest, SetCurrentDeploymentResponse>)
            .Refuse<GetDeploymentReachabilityRequest, GetDeploymentReachabilityResponse>(disabled.RefuseDeployments<GetDeploymentReachabilityRequest, GetDeploymentReachabilityResponse>);
    }

    private static void BindOperator(ServiceBindings bindings, FrontendServices services, ServerIdentity identity, NamespaceRemoval removal)
    {
        var calls = new OperatorCalls(services, identity, removal);
        bindings
            .Map<AddSearchAttributesRequest, AddSearchAttributesResponse>(calls.AddSearchAttributesAsync)
            .Map<RemoveSearchAttributesRequest, RemoveSearchAttributesResponse>(calls.RemoveSearchAttributesAsync)
            .Map<ListSearchAttributesRequest, ListSearchAttributesResponse>(calls.ListSearchAttributesAsync)
            .Map<ListClustersRequest, ListClustersResponse>(calls.ListClustersAsync)
            .Map<DeleteNamespaceRequest, DeleteNamespaceResponse>(calls.DeleteNamespaceAsync);
    }
}
