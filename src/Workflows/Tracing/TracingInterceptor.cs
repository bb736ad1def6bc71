using System.Diagnostics;
using Temporalio.Api.Common.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Worker.Interceptors;

namespace Onramp.Workflows.Tracing;

/// <summary>
/// One trace from the call that starts a run through every attempt of its steps. Give it to the client: workers on that client take
/// it over by themselves.
/// </summary>
/// <remarks>
/// Clients and activities make spans; workflow code makes none, since a span's random id and its clock would differ at each replay. It
/// hands the context on as it came, which is the same at each replay, however often and wherever the run is replayed.
/// </remarks>
public sealed class TracingInterceptor : IClientInterceptor, IWorkerInterceptor
{
    /// <summary>Name of the source that spans come from.</summary>
    public const string SourceName = "Onramp.Temporal";

    internal static readonly ActivitySource Source = new(SourceName);

    public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new TracingClient(nextInterceptor);

    public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new TracingWorkflow(nextInterceptor);

    public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new TracingActivity(nextInterceptor);

    /// <summary>These headers and the trace's; those given stay as they are.</summary>
    internal static IDictionary<string, Payload> With(IDictionary<string, Payload>? headers, Payload trace) =>
        new Dictionary<string, Payload>(headers ?? new Dictionary<string, Payload>(StringComparer.Ordinal), StringComparer.Ordinal) { [TraceContext.Header] = trace };
}

/// <summary>Names of what spans tell; the <c>temporal…</c> ones are those of Temporal's own SDKs.</summary>
public static class TraceTags
{
    public const string WorkflowId = "temporalWorkflowID";
    public const string RunId = "temporalRunID";
    public const string ActivityId = "temporalActivityID";
    public const string Step = "onramp.step";
    public const string Attempt = "onramp.attempt";
    public const string ErrorType = "error.type";
}
