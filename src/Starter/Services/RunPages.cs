using Temporalio.Client;

namespace Onramp.Starter.Services;

/// <summary>Where runs are shown in Temporal's web UI. Its pages have the same addresses on the embedded server, Temporal's own image and Temporal Cloud.</summary>
internal sealed class RunPages(ITemporalClient client, StarterOptions options)
{
    /// <summary>The page of a workflow, or of one run of it; null where no web UI is known.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="runId">The run; null or empty: the last one.</param>
    public string? Of(string workflowId, string? runId = null)
    {
        if (options.TemporalUi is not { } ui)
            return null;
        var workflow = $"{ui.AbsoluteUri.TrimEnd('/')}/namespaces/{Uri.EscapeDataString(client.Options.Namespace)}/workflows/{Uri.EscapeDataString(workflowId)}";
        return string.IsNullOrEmpty(runId) ? workflow : $"{workflow}/{Uri.EscapeDataString(runId)}/history";
    }
}
