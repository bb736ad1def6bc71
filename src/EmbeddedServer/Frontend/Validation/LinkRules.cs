using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Links that callers attach to requests.</summary>
internal static class LinkRules
{
    public static void Check(IReadOnlyCollection<Link> links)
    {
        if (links.Count > Limits.LinksPerRequest)
        {
            throw Refusals.InvalidArgument($"cannot attach more than {Limits.LinksPerRequest} links per request, got {links.Count}");
        }

        foreach (var link in links)
        {
            var size = link.CalculateSize();
            if (size > Limits.LinkBytes)
            {
                throw Refusals.InvalidArgument($"link exceeds allowed size of {Limits.LinkBytes}, got {size}");
            }

            if (Fault(link) is { } fault)
            {
                throw Refusals.InvalidArgument(fault);
            }
        }
    }

    private static string? Fault(Link link) => link.VariantCase switch
    {
        Link.VariantOneofCase.WorkflowEvent => Fault(link.WorkflowEvent),
        Link.VariantOneofCase.BatchJob => link.BatchJob.JobId.Length == 0 ? "batch job link must not have an empty job ID" : null,
        Link.VariantOneofCase.Activity => Fault("activity", "activity ID", link.Activity.Namespace, link.Activity.ActivityId, link.Activity.RunId),
        Link.VariantOneofCase.NexusOperation =>
            Fault("nexus operation", "operation ID", link.NexusOperation.Namespace, link.NexusOperation.OperationId, link.NexusOperation.RunId),
        _ => "unsupported link variant",
    };

    private static string? Fault(string kind, string idName, string ns, string id, string runId) =>
        ns.Length == 0 ? $"{kind} link must not have an empty namespace field"
        : id.Length == 0 ? $"{kind} link must not have an empty {idName} field"
        : runId.Length == 0 ? $"{kind} link must not have an empty run ID field"
        : null;

    private static string? Fault(Link.Types.WorkflowEvent link)
    {
        if (Fault("workflow event", "workflow ID", link.Namespace, link.WorkflowId, link.RunId) is { } missing)
        {
            return missing;
        }

        return link.EventRef is { EventType: EventType.Unspecified, EventId: not 0 }
            ? "workflow event link ref cannot have an unspecified event type and a non-zero event ID"
            : null;
    }
}
