using Onramp.Workflows.Display;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace Onramp.Activities.Services;

/// <summary>How a service's workflow is started, by whoever has something to say to it: one that runs is left as it is.</summary>
internal sealed class ServiceStarts(ServiceSettings settings)
{
    public ServiceInput InputOf(string service) => new() { Name = service, Settings = settings, Revision = ServiceInput.CurrentRevision };

    public static WorkflowOptions Options(string service) => new(Ids.Service(service), ServiceContract.TaskQueue)
    {
        IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
        IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicate,
        StaticSummary = Markdown.Cut($"Service {Markdown.Escape(service)}", Markdown.MaximumSummaryBytes),
    };
}
