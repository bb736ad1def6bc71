using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Frontend.TaskQueues;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>
/// Removes the schedules, the batch operations, what is configured of task queues and the workflows of deleted namespaces, and then the namespaces themselves, in the
/// background; goes on with it after a restart.
/// </summary>
internal sealed class NamespaceRemoval(FrontendServices services, TaskQueueConfigs configs) : IAsyncDisposable
{
    private const int BatchSize = 100;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private static readonly Action<ILogger, string, Exception?> LogFailure =
        LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1, "RemovalFailed"), "The workflows of deleted namespace {Namespace} could not all be removed; it is tried again");

    private readonly Lock gate = new();
    private readonly List<Task> running = [];

    /// <summary>Goes on with what an earlier process began.</summary>
    public void Resume()
    {
        foreach (var ns in services.Namespaces.Removed)
        {
            Begin(ns.Ref);
        }
    }

    public void Begin(NamespaceRef ns)
    {
        lock (gate)
        {
            running.RemoveAll(task => task.IsCompleted);
            running.Add(Task.Run(() => RemoveAsync(ns)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] left;
        lock (gate)
        {
            left = [.. running];
        }

        await Task.WhenAll(left).ConfigureAwait(false);
    }

    /// <summary>Until nothing is left. What goes wrong is tried again, for as long as the store takes writes.</summary>
    private async Task RemoveAsync(NamespaceRef ns)
    {
        while (!services.Stopping.IsCancellationRequested)
        {
            try
            {
                if (await TryRemoveAllAsync(ns).ConfigureAwait(false))
                {
                    return;
                }

                LogFailure(services.Logger, ns.Name, null);
            }
            catch (OperationCanceledException)
            {
                // The server stops; the next start goes on.
                return;
            }
            catch (Exception e) when (e is StoreStoppedException or { InnerException: StoreStoppedException })
            {
                LogFailure(services.Logger, ns.Name, e);
                return;
            }
            catch (Exception e)
            {
                LogFailure(services.Logger, ns.Name, e);
            }

            await Task.Delay(RetryInterval, services.WallClock, services.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether nothing is left.</summary>
    private async Task<bool> TryRemoveAllAsync(NamespaceRef ns)
    {
        await configs.ForgetAsync(ns.Id).ConfigureAwait(false);
        services.Matching.ForgetNamespace(ns.Id);
        await services.Schedules.DeleteAllAsync(ns, services.Stopping).ConfigureAwait(false);
        await services.Batches.DeleteAllAsync(ns).ConfigureAwait(false);
        var isEmpty = await RemoveRunsAsync(ns).ConfigureAwait(false);
        services.Matching.ForgetNamespace(ns.Id);
        if (isEmpty)
        {
            await services.Namespaces.ForgetAsync(ns).ConfigureAwait(false);
        }

        return isEmpty;
    }

    /// <summary>Whether none is left.</summary>
    private async Task<bool> RemoveRunsAsync(NamespaceRef ns)
    {
        while (true)
        {
            services.Stopping.ThrowIfCancellationRequested();
            var page = services.Visibility.List(ns.Id, ns.Name, string.Empty, BatchSize, ByteString.Empty);
            var removed = 0;
            foreach (var info in page.Executions)
            {
                services.Stopping.ThrowIfCancellationRequested();
                removed += await TryRemoveAsync(ns, info.Execution).ConfigureAwait(false) ? 1 : 0;
            }

            if (removed == 0)
            {
                return page.Executions.Count == 0;
            }
        }
    }

    private async Task<bool> TryRemoveAsync(NamespaceRef ns, Temporalio.Api.Common.V1.WorkflowExecution execution)
    {
        try
        {
            await services.History.Requests.DeleteAsync(ns, new DeleteWorkflowExecutionRequest { Namespace = ns.Name, WorkflowExecution = execution }).ConfigureAwait(false);
            return true;
        }
        catch (RefusalException e) when (e.Kind == RefusalKind.NotFound)
        {
            return false;
        }
    }
}
