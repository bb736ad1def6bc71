using Microsoft.Extensions.Logging;
using Onramp.Workflows.Readiness;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Cli.Connections;

/// <summary>Makes sure that the namespace knows onboarding's search attributes; says what to run when this account may not add them.</summary>
internal sealed partial class SearchAttributeSetup(ILogger<SearchAttributeSetup> logger)
{
    public async Task EnsureAsync(ITemporalClient client, CancellationToken cancellationToken)
    {
        var rpc = new RpcOptions { CancellationToken = cancellationToken };
        var missing = await NamespaceReadiness.MissingAsync(client, rpc);
        if (missing.Count == 0)
            return;
        try
        {
            var request = new AddSearchAttributesRequest { Namespace = client.Options.Namespace };
            foreach (var name in missing)
                request.SearchAttributes[name] = IndexedValueType.Keyword;
            await client.Connection.OperatorService.AddSearchAttributesAsync(request, rpc);
            LogAdded(string.Join(", ", missing));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.AlreadyExists)
        {
            // Another process that starts at the same time was first.
        }
        catch (RpcException e) when (NamespaceReadiness.IsForbidden(e))
        {
            LogByHand(NamespaceReadiness.Command(client.Options.Namespace, missing));
        }
    }

    [LoggerMessage(LogLevel.Information, "Added search attributes {Names}")]
    private partial void LogAdded(string names);

    [LoggerMessage(LogLevel.Warning, "This account may not add search attributes. Until an administrator does, nothing is ready: {Command}")]
    private partial void LogByHand(string command);
}
