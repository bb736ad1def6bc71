using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>Links that callers attach to requests.</summary>
internal static class LinkRules
{
    public static void Check(RepeatedField<Link> links)
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
        Link.VariantOneofCase.Activity or Link.VariantOneofCase.NexusOperation => null,
        _ => "unsupported link variant",
    };

    private static string? Fault(Link.Types.WorkflowEvent link)
    {
        if (link.Namespace.Length == 0)
        {
            return "workflow event link must not have an empty namespace field";
        }

        if (link.WorkflowId.Length == 0)
        {
            return "workflow event link must not have an empty workflow ID field";
        }

        if (link.RunId.Length == 0)
        {
            return "workflow event link must not have an empty run ID field";
        }

        return link.EventRef is { EventType: EventType.Unspecified, EventId: not 0 }
            ? "workflow event link ref cannot have an unspecified event type and a non-zero event ID"
            : null;
    }
}
