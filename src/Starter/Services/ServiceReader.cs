using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services;

/// <summary>Reads runs: the workflow's own account (query), completed by what only the server knows (attempts under way).</summary>
internal sealed class ServiceReader(ITemporalClient client, RunPages pages, StarterOptions options)
{
    private static readonly SearchAttributeKey<string> TeamKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Team);
    private static readonly SearchAttributeKey<string> ServiceKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Service);
    private static readonly SearchAttributeKey<string> EnvironmentKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.Environment);
    private static readonly SearchAttributeKey<string> StateKey = SearchAttributeKey.CreateKeyword(OnboardingSearchAttributes.State);

    private static readonly TimeSpan BusyWait = TimeSpan.FromMilliseconds(50);

    /// <exception cref="ProblemException">There is no such service.</exception>
    public async Task<ServiceView> GetAsync(string id, string? runId, CancellationToken cancellationToken)
    {
        var view = await ReadAsync(id, runId, cancellationToken);
        return view with { RunPage = pages.Of(view.Progress.WorkflowId, view.Progress.RunId) };
    }

    /// <exception cref="ProblemException">The token wasn't issued for this query.</exception>
    public async Task<ServicePage> ListAsync(string query, int pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var page = await client.ListWorkflowsPaginatedAsync(query, PageTokens.Open(pageToken, query), new WorkflowListPaginatedOptions
        {
            PageSize = pageSize,
            Rpc = new RpcOptions { CancellationToken = cancellationToken },
        });
        var items = new List<ServiceSummary>(page.Workflows.Count);
        foreach (var execution in page.Workflows)
            items.Add(await SummaryAsync(execution));
        return new ServicePage
        {
            Items = items,
            NextPageToken = PageTokens.Issue(page.NextPageToken, query),
        };
    }

    private async Task<ServiceView> ReadAsync(string id, string? runId, CancellationToken cancellationToken)
    {
        var workflowId = ServiceIds.ToWorkflowId(id);
        var description = await DescribeAsync(id, workflowId, runId, cancellationToken);
        var info = description.WorkflowExecutionInfo;
        var handle = client.GetWorkflowHandle(workflowId, info.Execution.RunId);
        try
        {
            var progress = await QueryAsync(handle, cancellationToken);
            progress = progress with { Steps = LiveAttempts.AddTo(progress.Steps, description.PendingActivities) };
            var isClosed = info.Status != WorkflowExecutionStatus.Running;
            if (info.Status is WorkflowExecutionStatus.Terminated or WorkflowExecutionStatus.TimedOut)
                progress = CutShort(progress, info.Status, info.CloseTime?.ToDateTimeOffset());
            return new ServiceView { Id = id, Progress = progress, IsComplete = true, IsClosed = isClosed };
        }
        catch (Exception e) when (IsNoAnswer(e, cancellationToken))
        {
            return await WithoutWorkerAsync(id, handle, cancellationToken);
        }
    }

    /// <summary>Asks until the time for it is over: a server lets few questions to one run wait at a time, and refuses the others.</summary>
    private async Task<OnboardingProgress> QueryAsync(WorkflowHandle handle, CancellationToken cancellationToken)
    {
        var began = options.TimeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                return await handle.QueryAsync<OnboardingProgress>(OnboardingContract.ProgressQuery, [], new WorkflowQueryOptions
                {
                    Rpc = new RpcOptions { Timeout = options.QueryTimeout, Retry = false, CancellationToken = cancellationToken },
                });
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.ResourceExhausted && options.TimeProvider.GetElapsedTime(began) < options.QueryTimeout)
            {
                await Task.Delay(BusyWait, options.TimeProvider, cancellationToken);
            }
        }
    }

    private async Task<DescribeWorkflowExecutionResponse> DescribeAsync(
        string id, string workflowId, string? runId, CancellationToken cancellationToken)
    {
        try
        {
            var description = await client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(
                new DescribeWorkflowExecutionRequest
                {
                    Namespace = client.Options.Namespace,
                    Execution = new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = workflowId, RunId = runId ?? "" },
                },
                new RpcOptions { Retry = true, Timeout = options.ServerTimeout, CancellationToken = cancellationToken });
            return description.WorkflowExecutionInfo.Type.Name == OnboardingContract.WorkflowType
                ? description
                : throw new ProblemException(Problems.UnknownService(id));
        }
        catch (RpcException e) when (e.Code is RpcException.StatusCode.NotFound or RpcException.StatusCode.InvalidArgument)
        {
            throw new ProblemException(Problems.UnknownService(id));
        }
    }

    private async Task<ServiceView> WithoutWorkerAsync(string id, WorkflowHandle handle, CancellationToken cancellationToken)
    {
        var execution = await handle.DescribeAsync(new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = cancellationToken } });
        if (execution.Status == WorkflowExecutionStatus.Completed)
        {
            var result = await handle.GetResultAsync<OnboardingProgress>(rpcOptions: new RpcOptions { CancellationToken = cancellationToken });
            return new ServiceView { Id = id, Progress = result, IsComplete = true, IsClosed = true };
        }
        var summary = await SummaryAsync(execution);
        var progress = new OnboardingProgress
        {
            WorkflowId = execution.Id,
            RunId = execution.RunId,
            RequestId = summary.RequestId,
            Service = summary.Service,
            Team = summary.Team,
            Environment = summary.Environment,
            Status = summary.Status,
            Phase = summary.Phase,
            StartedAt = summary.StartedAt,
            EndedAt = summary.EndedAt,
            Message = "No worker answers at the moment; steps are shown once one does.",
            Warnings = ["No worker answered in time, so only what the server knows is shown."],
        };
        return new ServiceView { Id = id, Progress = progress, IsComplete = false, IsClosed = execution.Status != WorkflowExecutionStatus.Running };
    }

    /// <summary>A run that was ended from outside can't tell so itself.</summary>
    private static OnboardingProgress CutShort(OnboardingProgress progress, WorkflowExecutionStatus status, DateTimeOffset? at) => progress with
    {
        Status = OnboardingStatus.Failed,
        EndedAt = at,
        Message = status == WorkflowExecutionStatus.Terminated
            ? "The run was terminated by an operator; what it had made is still there."
            : "The run ran out of time; what it had made is still there.",
        Remediation = "Ask a platform operator to remove what is left, then ask for the service again.",
        Retryable = false,
        Approval = progress.Approval is { State: ApprovalStates.Waiting } waiting ? waiting with { State = ApprovalStates.Closed } : progress.Approval,
        Steps = [.. progress.Steps.Select(step => step.State == StepState.Running ? step with { State = StepState.Cancelled, EndedAt = at } : step)],
    };

    private static async Task<ServiceSummary> SummaryAsync(Temporalio.Client.WorkflowExecution execution)
    {
        var attributes = execution.TypedSearchAttributes;
        string Text(SearchAttributeKey<string> key) => attributes.TryGetValue(key, out var value) ? value : "";
        var (status, phase) = ServiceStates.Of(execution.Status, Text(StateKey));
        return new ServiceSummary
        {
            Id = ServiceIds.FromWorkflowId(execution.Id),
            RunId = execution.RunId,
            RequestId = await MemoReader.TextAsync(execution.Memo, ServiceMemo.RequestId),
            Service = Text(ServiceKey),
            Team = Text(TeamKey),
            Environment = Text(EnvironmentKey),
            Status = status,
            Phase = phase,
            StartedAt = execution.StartTime,
            EndedAt = execution.CloseTime is { } closed ? (DateTimeOffset)closed : null,
        };
    }

    /// <summary>A worker that is away, busy or too slow is no failure of the caller's question; being cancelled is.</summary>
    private static bool IsNoAnswer(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && (e is WorkflowQueryFailedException or RpcTimeoutOrCanceledException
            || e is RpcException { Code: RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.FailedPrecondition or RpcException.StatusCode.Cancelled or RpcException.StatusCode.ResourceExhausted });
}
