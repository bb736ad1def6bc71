using Microsoft.Extensions.Logging;
using Onramp.Workflows.Contracts;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Cli.Connections;

/// <summary>Makes sure that the namespace knows onboarding's search attributes.</summary>
internal sealed partial class SearchAttributeSetup(ILogger<SearchAttributeSetup> logger)
{
    public async Task EnsureAsync(ITemporalClient client, CancellationToken cancellationToken)
    {
        var rpc = new RpcOptions { CancellationToken = cancellationToken };
        try
        {
            var known = await client.Connection.OperatorService.ListSearchAttributesAsync(
                new ListSearchAttributesRequest { Namespace = client.Options.Namespace }, rpc);
            var missing = OnboardingSearchAttributes.All.Where(name => !known.CustomAttributes.ContainsKey(name)).ToArray();
            if (missing.Length == 0)
                return;
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
        catch (RpcException e) when (e.Code is RpcException.StatusCode.PermissionDenied or RpcException.StatusCode.Unimplemented or RpcException.StatusCode.Unauthenticated)
        {
            LogByHand(client.Options.Namespace, string.Join(", ", OnboardingSearchAttributes.All));
        }
    }

    [LoggerMessage(LogLevel.Information, "Added search attributes {Names}")]
    private partial void LogAdded(string names);

    [LoggerMessage(LogLevel.Warning, "This account may not manage search attributes of namespace {Namespace}; an administrator must add these, of type Keyword: {Names}")]
    private partial void LogByHand(string @namespace, string names);
}
