using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>
/// Takes back what was handed to a caller who had gone: otherwise a task would wait for its timeout, and every restart of a
/// worker would cost one. What could not be started goes back to its queue: nobody else would offer it before the next restart.
/// </summary>
internal sealed class TaskHandback(FrontendServices services)
{
    private static readonly Action<ILogger, string, Exception?> LogFailure =
        LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1, "HandbackFailed"), "A {Kind} task that did not reach its worker could not be taken back; it will time out");

    public void Watch(CallContext context, NamespaceRef ns, PollWorkflowTaskQueueResponse task) =>
        context.OnUndelivered(() => _ = RunAsync("workflow", () => services.History.WorkflowTasks.AbandonAsync(ns, task)));

    public void Watch(CallContext context, NamespaceRef ns, PollActivityTaskQueueResponse task) =>
        context.OnUndelivered(() => _ = RunAsync("activity", () => services.History.Activities.AbandonAsync(ns, task)));

    public void Watch(CallContext context, MatchedTask query) => context.OnUndelivered(() => services.Matching.Return(query));

    /// <summary>Starts what a poll was given. If that fails, the next poll gets it; one that was started after all is no longer current, and is dropped there.</summary>
    public async Task<T?> StartAsync<T>(MatchedTask matched, Func<Task<T?>> start)
        where T : class
    {
        try
        {
            return await start().ConfigureAwait(false);
        }
        catch
        {
            services.Matching.Return(matched);
            throw;
        }
    }

    private async Task RunAsync(string kind, Func<Task> handBack)
    {
        try
        {
            await Task.Run(handBack).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Nobody waits for this; the task's own timeout makes up for it.
            LogFailure(services.Logger, kind, e);
        }
    }
}
