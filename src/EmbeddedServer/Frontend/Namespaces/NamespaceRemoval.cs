using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Frontend.TaskQueues;
using Onramp.EmbeddedServer.History;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>Removes the schedules, the batch operations, what is configured of task queues and the workflows of deleted namespaces, in the background; goes on with it after a restart.</summary>
internal sealed class NamespaceRemoval(FrontendServices services, TaskQueueConfigs configs) : IAsyncDisposable
{
    private const int BatchSize = 100;

    private static readonly Action<ILogger, string, Exception?> LogFailure =
        LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1, "RemovalFailed"), "The workflows of deleted namespace {Namespace} could not all be removed; the next start goes on");

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

    private async Task RemoveAsync(NamespaceRef ns)
    {
        try
        {
            await configs.ForgetAsync(ns.Id).ConfigureAwait(false);
            services.Matching.ForgetNamespace(ns.Id);
            await services.Schedules.DeleteAllAsync(ns, services.Stopping).ConfigureAwait(false);
            await services.Batches.DeleteAllAsync(ns).ConfigureAwait(false);
            while (!services.Stopping.IsCancellationRequested)
            {
                var page = services.Visibility.List(ns.Id, ns.Name, string.Empty, BatchSize, ByteString.Empty);
                var removed = 0;
                foreach (var info in page.Executions)
                {
                    services.Stopping.ThrowIfCancellationRequested();
                    removed += await TryRemoveAsync(ns, info.Execution).ConfigureAwait(false) ? 1 : 0;
                }

                if (removed == 0)
                {
                    break;
                }
            }

            services.Matching.ForgetNamespace(ns.Id);
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next start goes on.
        }
        catch (Exception e)
        {
            LogFailure(services.Logger, ns.Name, e);
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
