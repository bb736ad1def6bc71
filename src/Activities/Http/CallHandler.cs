using Onramp.Activities.Common;
using Temporalio.Activities;

namespace Onramp.Activities.Http;

/// <summary>
/// What every call of a step has, whichever client makes it: the step's key as a header, the activity's cancellation, a limit in time, an
/// answer that is read to its end here, and network failures told as retryable ones. It never sends twice: that is Temporal's.
/// </summary>
internal sealed class CallHandler(string system) : DelegatingHandler
{
    /// <summary>Longest time from the request to the last byte of its answer.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Correlation.Current is { } key)
            request.Headers.TryAddWithoutValidation(Correlation.Header, key.CorrelationId);
        var (method, path) = (request.Method, request.RequestUri!.AbsolutePath);
        var step = ActivityExecutionContext.HasCurrent ? ActivityExecutionContext.Current.CancellationToken : CancellationToken.None;
        using var called = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, step);
        called.CancelAfter(Timeout);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, called.Token);
            await response.Content.LoadIntoBufferAsync(called.Token);
            return response;
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested && !step.IsCancellationRequested))
        {
            response?.Dispose();
            // What came of the request is unknown; the next attempt looks before it writes.
            throw Failures.Transient(system, $"{method} {path}: no answer ({e.Message})");
        }
    }
}
