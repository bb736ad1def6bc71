using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Activities.Services;

/// <summary>
/// Starts services again whose workflow somebody stopped. Whoever has something to say to one does so by itself; but what a service does by itself (removals when grace is
/// over, the ends of changes that it looks for) would wait for that. A service that ended by itself, or whose history was deleted, is left alone.
/// </summary>
public sealed class ServiceKeeper
{
    private const string Stopped =
        $"WorkflowType = '{ServiceContract.WorkflowType}' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')";

    private readonly ServiceStarts starts;

    /// <summary>Stopped runs that need no second look: another one came after them.</summary>
    private HashSet<string> followed = new(StringComparer.Ordinal);

    internal ServiceKeeper(ServiceStarts starts) => this.starts = starts;

    /// <summary>Looks once. Lists are eventual: what this look misses, a later one sees.</summary>
    /// <returns>Names of the services that were started.</returns>
    /// <exception cref="RpcException">The server can't be asked now.</exception>
    public async Task<IReadOnlyList<string>> LookAsync(ITemporalClient client, CancellationToken cancellationToken)
    {
        var rpc = new RpcOptions { CancellationToken = cancellationToken };
        var (started, seen) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var stopped in client.ListWorkflowsAsync(Stopped, new WorkflowListOptions { Rpc = rpc }))
        {
            if (!followed.Contains(stopped.RunId) && await IsLastAsync(client, stopped, rpc))
            {
                var service = stopped.Id[Ids.ServicePrefix.Length..];
                var options = ServiceStarts.Options(service);
                options.Rpc = rpc;
                await client.StartWorkflowAsync(ServiceContract.WorkflowType, [starts.InputOf(service)], options);
                started.Add(service);
            }
            seen.Add(stopped.RunId);
        }
        // Those that retention has taken are forgotten.
        followed = seen;
        return started;
    }

    private static async Task<bool> IsLastAsync(ITemporalClient client, WorkflowExecution stopped, RpcOptions rpc)
    {
        try
        {
            var last = await client.GetWorkflowHandle(stopped.Id).DescribeAsync(new WorkflowDescribeOptions { Rpc = rpc });
            return last.RunId == stopped.RunId && last.Status != WorkflowExecutionStatus.Running;
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            // Deleted since.
            return false;
        }
    }
}
