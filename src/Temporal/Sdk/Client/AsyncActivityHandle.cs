using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>Completes an activity from outside the worker that began it.</summary>
/// <param name="Client">Client.</param>
/// <param name="Activity">Which activity.</param>
public record AsyncActivityHandle(ITemporalClient Client, AsyncActivityHandle.Reference Activity)
{
    /// <summary>Converter in place of the client's, if any.</summary>
    public DataConverter? DataConverterOverride { get; init; }

    /// <summary>Records a heartbeat.</summary>
    /// <param name="options">Options.</param>
    /// <exception cref="Exceptions.AsyncActivityCanceledException">The activity is to be cancelled.</exception>
    public Task HeartbeatAsync(AsyncActivityHeartbeatOptions? options = null) =>
        Client.OutboundInterceptor.HeartbeatAsyncActivityAsync(new(Activity, options, DataConverterOverride));

    /// <summary>Completes it.</summary>
    /// <param name="result">Its result.</param>
    /// <param name="options">Options.</param>
    public Task CompleteAsync(object? result = null, AsyncActivityCompleteOptions? options = null) =>
        Client.OutboundInterceptor.CompleteAsyncActivityAsync(new(Activity, result, options, DataConverterOverride));

    /// <summary>Fails it.</summary>
    /// <param name="exception">Why.</param>
    /// <param name="options">Options.</param>
    public Task FailAsync(Exception exception, AsyncActivityFailOptions? options = null) =>
        Client.OutboundInterceptor.FailAsyncActivityAsync(new(Activity, exception, options, DataConverterOverride));

    /// <summary>Reports that it was cancelled, as was asked for.</summary>
    /// <param name="options">Options.</param>
    public Task ReportCancellationAsync(AsyncActivityReportCancellationOptions? options = null) =>
        Client.OutboundInterceptor.ReportCancellationAsyncActivityAsync(new(Activity, options, DataConverterOverride));

    /// <summary>A handle that converts values in a context.</summary>
    /// <param name="context">What is being serialized.</param>
    public AsyncActivityHandle WithSerializationContext(ISerializationContext context) =>
        this with { DataConverterOverride = (DataConverterOverride ?? Client.Options.DataConverter).WithSerializationContext(context) };

    /// <summary>Which activity is meant.</summary>
    public abstract record Reference
    {
        private protected Reference()
        {
        }
    }

    /// <summary>An activity by its ids.</summary>
    /// <param name="WorkflowId">Workflow id.</param>
    /// <param name="RunId">Run; null for the current one.</param>
    /// <param name="ActivityId">Activity id.</param>
    public record IdReference(string WorkflowId, string? RunId, string ActivityId) : Reference;

    /// <summary>An activity by its token.</summary>
    /// <param name="TaskToken">From the activity's info.</param>
    public record TaskTokenReference(byte[] TaskToken) : Reference;
}
