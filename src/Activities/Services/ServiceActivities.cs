using Onramp.Activities.Capabilities;
using Onramp.Activities.Common;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Activities.Services;

/// <summary>What workflows can't do themselves: update and start one another, and look at what Temporal and the systems know.</summary>
public sealed class ServiceActivities
{
    private readonly CapabilitySet capabilities;
    private readonly ServiceStarts starts;

    internal ServiceActivities(CapabilitySet capabilities, ServiceStarts starts)
    {
        this.capabilities = capabilities;
        this.starts = starts;
    }

    private static ITemporalClient Client => ActivityExecutionContext.Current.TemporalClient;

    private static RpcOptions Rpc => new() { CancellationToken = ActivityExecutionContext.Current.CancellationToken };

    /// <summary>Gives a request to its service, which is started if need be. Its id makes a second delivery the same as the first.</summary>
    [Activity(ServiceContract.Deliver)]
    public Task<RequestAnswer> DeliverAsync(RequestEnvelope envelope) =>
        Client.ExecuteUpdateWithStartWorkflowAsync<RequestAnswer>(ServiceContract.RequestUpdate, [envelope.Request], new WorkflowUpdateWithStartOptions
        {
            Id = envelope.Request.ChangeId,
            Rpc = Rpc,
            StartWorkflowOperation = WithStartWorkflowOperation.Create(
                ServiceContract.WorkflowType, [starts.InputOf(envelope.Service)], ServiceStarts.Options(envelope.Service)),
        });

    [Activity(ServiceContract.Tell)]
    public Task TellAsync(TellInput told)
    {
        var options = ServiceStarts.Options(told.Service);
        if (told.Asked is { } asked)
            options.SignalWithStart(ServiceContract.AskSignal, [asked]);
        else
            options.SignalWithStart(ServiceContract.FinishedSignal, [told.Finished]);
        return Client.StartWorkflowAsync(ServiceContract.WorkflowType, [starts.InputOf(told.Service)], options);
    }

    [Activity(ServiceContract.Look)]
    public async Task<LookedAt> LookAsync(LookInput input)
    {
        try
        {
            var seen = await Client.GetWorkflowHandle(Ids.Change(input.Service, input.ChangeId)).DescribeAsync(new WorkflowDescribeOptions { Rpc = Rpc });
            return seen.Status == WorkflowExecutionStatus.Running
                ? new LookedAt(Exists: true, Running: true)
                : new LookedAt(Exists: true, Running: false) { Finished = await LastWords.OfAsync(Client, seen.Id, seen.RunId, Rpc) };
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return new LookedAt(Exists: false, Running: false);
        }
    }

    /// <summary>
    /// The state that the last run left in its memo, and, unless that run ended by itself, everything that carries the service's mark: a run that
    /// was stopped may have known less than there is.
    /// </summary>
    [Activity(ServiceContract.Recover)]
    public async Task<RecoveredState> RecoverAsync(string service)
    {
        var cancellationToken = StepActivity.Begin(new OperationKey(service, "recover", "recover"));
        var (last, endedWell) = await LastAsync(service);
        if (endedWell)
            return new RecoveredState { Last = last, EndedWell = true };
        var spec = new ServiceSpec { Name = service };
        var items = new List<InventoryItem>();
        foreach (var found in await Task.WhenAll(capabilities.All.Select(c => c.FindAsync(service, cancellationToken))))
        {
            foreach (var thing in found)
            {
                items.Add(thing.Item);
                spec = thing.Tell(spec);
            }
        }
        return new RecoveredState { Last = last, Found = items, Spec = spec };
    }

    [Activity(ServiceContract.LookForHold)]
    public async Task<HoldSeen> LookForHoldAsync()
    {
        try
        {
            var seen = await Client.GetWorkflowHandle(HoldContract.WorkflowId).DescribeAsync(new WorkflowDescribeOptions { Rpc = Rpc });
            var hold = seen.Status == WorkflowExecutionStatus.Running && seen.Memo.TryGetValue(HoldContract.HoldMemo, out var memo) ? await memo.ToValueAsync<Hold>() : null;
            return new HoldSeen(hold is { ReleasedBy: null } ? hold : null);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return new HoldSeen(null);
        }
    }

    [Activity(ServiceContract.SpreadHold)]
    public async Task SpreadHoldAsync(Hold hold)
    {
        var running = $"WorkflowType = '{ChangeContract.WorkflowType}' AND ExecutionStatus = 'Running'";
        await foreach (var change in Client.ListWorkflowsAsync(running, new WorkflowListOptions { Rpc = Rpc }))
        {
            try
            {
                await Client.GetWorkflowHandle(change.Id).SignalAsync(ChangeContract.HoldSignal, [hold], new WorkflowSignalOptions { Rpc = Rpc });
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
            {
                // It has ended; lists are eventual.
            }
        }
    }

    /// <summary>
    /// What the newest of the runs before this one left. Lists are eventual, so what they show is only where to look: each run is asked for, the
    /// newest first, until one is still there.
    /// </summary>
    private static async Task<(CarriedState? State, bool EndedWell)> LastAsync(string service)
    {
        var own = ActivityExecutionContext.Current.Info.WorkflowRunId;
        var runs = new List<WorkflowExecution>();
        await foreach (var run in Client.ListWorkflowsAsync($"WorkflowId = '{Ids.Service(service)}'", new WorkflowListOptions { Rpc = Rpc }))
            runs.Add(run);
        foreach (var run in runs.Where(r => r.RunId != own).OrderByDescending(r => r.StartTime))
        {
            try
            {
                var last = await Client.GetWorkflowHandle(run.Id, run.RunId).DescribeAsync(new WorkflowDescribeOptions { Rpc = Rpc });
                if (last.Memo.TryGetValue(ServiceContract.StateMemo, out var memo))
                    return (await memo.ToValueAsync<CarriedState>(), last.Status == WorkflowExecutionStatus.Completed);
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
            {
                // Deleted since; the list doesn't know yet.
            }
        }
        return (null, false);
    }
}
