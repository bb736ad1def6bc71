using Onramp.Workflows.Display;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Onramp.Workflows.Services;

/// <summary>
/// A request, durable before it is answered. Its id is the digest of the caller's key, so a key belongs to one caller and one request on every
/// starter and over every restart, for as long as Temporal keeps closed runs. It gives the request to its service and keeps the answer.
/// </summary>
[Workflow(ServiceContract.RequestWorkflowType)]
public sealed class RequestWorkflow
{
    [WorkflowRun]
    public Task<RequestAnswer> RunAsync(RequestEnvelope envelope) =>
        Workflow.ExecuteActivityAsync<RequestAnswer>(ServiceContract.Deliver, [envelope], new ActivityOptions
        {
            Summary = $"Give it to {Markdown.Escape(envelope.Service)}",
            StartToCloseTimeout = TimeSpan.FromSeconds(30),
            RetryPolicy = new RetryPolicy { InitialInterval = TimeSpan.FromMilliseconds(200), MaximumInterval = TimeSpan.FromSeconds(30) },
        });
}
