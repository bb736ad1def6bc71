using Onramp.Workflows.Contracts;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Readiness;

/// <summary>
/// Whether starter and worker can do their work on a namespace: the server answers, and knows the search attributes that every run is
/// started with. Without them each start would fail; better nobody is sent here.
/// </summary>
public sealed class NamespaceReadiness(ITemporalClient client)
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Once there they stay; only their absence is looked at again.</summary>
    private volatile bool hasSearchAttributes;

    /// <summary>What keeps it from being ready, for operators; null: nothing.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        var rpc = new RpcOptions { Timeout = CheckTimeout, Retry = false, CancellationToken = cancellationToken };
        try
        {
            if (!await client.Connection.CheckHealthAsync(options: rpc))
                return "The Temporal server does not answer.";
            if (hasSearchAttributes || await MissingAsync(client, rpc) is not { Count: > 0 } missing)
            {
                hasSearchAttributes = true;
                return null;
            }
            return $"Namespace '{client.Options.Namespace}' lacks search attributes. Run: {Command(client.Options.Namespace, missing)}";
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever kept the server from answering, the answer is the same: not ready.
            return "The Temporal server does not answer.";
        }
    }

    /// <summary>Those of onboarding's search attributes that the namespace lacks; none when this account may not know.</summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(ITemporalClient client, RpcOptions rpc)
    {
        try
        {
            var known = await client.Connection.OperatorService.ListSearchAttributesAsync(
                new ListSearchAttributesRequest { Namespace = client.Options.Namespace }, rpc);
            return OnboardingSearchAttributes.All.Where(name => !known.CustomAttributes.ContainsKey(name)).ToArray();
        }
        catch (RpcException e) when (IsForbidden(e))
        {
            return [];
        }
    }

    /// <summary>What an administrator types to add them.</summary>
    public static string Command(string @namespace, IEnumerable<string> names) =>
        $"temporal operator search-attribute create --namespace {@namespace} {string.Join(' ', names.Select(name => $"--name {name} --type Keyword"))}";

    /// <summary>Whether this account, or this server (Temporal Cloud), leaves search attributes to others.</summary>
    public static bool IsForbidden(RpcException exception) =>
        exception.Code is RpcException.StatusCode.PermissionDenied or RpcException.StatusCode.Unimplemented or RpcException.StatusCode.Unauthenticated;
}
