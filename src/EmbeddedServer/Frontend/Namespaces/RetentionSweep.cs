using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Grpc.Core;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.Visibility;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Frontend.Namespaces;

/// <summary>Removes closed runs once their namespace's retention has passed, now and then.</summary>
internal sealed class RetentionSweep : IAsyncDisposable
{
    /// <summary>How long after its time a run may still be there.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private const int BatchSize = 100;

    private static readonly Action<ILogger, string, Exception?> LogFailure =
        LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1, "SweepFailed"), "Runs of namespace {Namespace} that are past their retention could not all be removed; the next sweep goes on");

    private readonly FrontendServices services;
    private readonly ITimer timer;
    private readonly SemaphoreSlim sweeping = new(1, 1);

    public RetentionSweep(FrontendServices services)
    {
        this.services = services;
        timer = services.Time.CreateTimer(_ => _ = Task.Run(SweepAllAsync), state: null, Interval, Interval);
    }

    /// <summary>Removes what is past its time in all namespaces.</summary>
    public async Task SweepAllAsync()
    {
        // One that takes long is not overtaken by the next.
        if (!await sweeping.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            foreach (var ns in services.Namespaces.Registered.ToList())
            {
                await SweepAsync(ns).ConfigureAwait(false);
            }
        }
        finally
        {
            sweeping.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync().ConfigureAwait(false);
        await sweeping.WaitAsync().ConfigureAwait(false);
        sweeping.Dispose();
    }

    private async Task SweepAsync(NamespaceEntry ns)
    {
        try
        {
            var retention = Durations.ToSpan(ns.Description.Config.WorkflowExecutionRetentionTtl);
            var query = $"CloseTime < {VisibilityQueries.Quote(services.Time.GetUtcNow() - retention)}";
            var token = ByteString.Empty;
            do
            {
                var page = services.Visibility.List(ns.Ref.Id, ns.Ref.Name, query, BatchSize, token);
                foreach (var info in page.Executions)
                {
                    services.Stopping.ThrowIfCancellationRequested();
                    await RemoveAsync(ns, info.Execution).ConfigureAwait(false);
                }

                token = page.NextPageToken;
            }
            while (!token.IsEmpty);
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next one sweeps.
        }
        catch (Exception e)
        {
            LogFailure(services.Logger, ns.Ref.Name, e);
        }
    }

    private async Task RemoveAsync(NamespaceEntry ns, Temporalio.Api.Common.V1.WorkflowExecution execution)
    {
        try
        {
            await services.History.Requests.DeleteAsync(ns.Ref, new DeleteWorkflowExecutionRequest { Namespace = ns.Ref.Name, WorkflowExecution = execution }).ConfigureAwait(false);
        }
        catch (RefusalException e) when (e.Code == StatusCode.NotFound)
        {
            // Somebody else has removed it.
        }
    }
}
