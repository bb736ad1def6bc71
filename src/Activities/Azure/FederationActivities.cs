using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Azure;

/// <summary>
/// Trust of the pipeline's identity in GitHub's environment, and of the service's in the cluster's service account. Written one after the
/// other: Azure refuses concurrent writes on one identity. Issuer and subject are compared byte for byte at login, so nothing is tidied up here.
/// </summary>
public sealed class FederationActivities
{
    private const string Audience = "api://AzureADTokenExchange";
    private const string GitHub = "github";
    private const string Kubernetes = "kubernetes";

    private readonly AzureClient azure;

    internal FederationActivities(AzureClient azure) => this.azure = azure;

    [Activity(ActivityNames.FederateIdentity)]
    public async Task<StepResult> FederateAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var resources = new List<StepResource>();
        foreach (var (id, issuer, subject) in Credentials(input))
        {
            var found = await azure.FindAsync(id, cancellationToken);
            if (found is null || found.Properties.Text("issuer") != issuer || found.Properties.Text("subject") != subject)
            {
                var properties = new JsonObject { ["issuer"] = issuer, ["subject"] = subject, ["audiences"] = new JsonArray(Audience) };
                await azure.PutAsync(id, null, properties, null, cancellationToken);
            }
            resources.Add(new StepResource("federated credential", id, "", Created: true));
        }
        return Done(resources);
    }

    [Activity(ActivityNames.UnfederateIdentity)]
    public async Task<UndoResult> UnfederateAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var (id, _, _) in Credentials(input))
            await azure.DeleteAsync(id, cancellationToken);
        return Undone;
    }

    /// <summary>The pipeline's first.</summary>
    internal static IEnumerable<(string Id, string Issuer, string Subject)> Credentials(StepInput input)
    {
        var (names, platform) = (input.Names, input.Platform);
        yield return (
            Id(AzureNames.PipelineIdentity(input), $"{GitHub}-{names.EnvironmentShort}"),
            platform.GitHub.OidcIssuer,
            input.Facts.TryGetValue(StepFacts.OidcSubject, out var subject)
                ? subject
                : $"{input.Fact(StepFacts.OidcSubjectPrefix)}:environment:{names.EnvironmentShort}");
        if (platform.Kubernetes.OidcIssuer.Length > 0)
            yield return (Id(AzureNames.Identity(input), Kubernetes), platform.Kubernetes.OidcIssuer, $"system:serviceaccount:{names.Namespace}:{names.ServiceAccount}");
    }

    private static string Id(string identity, string name) => $"{identity}/federatedIdentityCredentials/{name}";
}
