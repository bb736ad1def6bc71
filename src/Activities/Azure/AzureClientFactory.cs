using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.ResourceManager;
using Onramp.Activities.Http;

namespace Onramp.Activities.Azure;

/// <summary>Builds the client from options: endpoint, credential, pinned versions, and no retries of its own.</summary>
internal static class AzureClientFactory
{
    /// <summary>Temporal retries. A retry inside would multiply attempts, and hold a worker for as long as a limit lasts.</summary>
    private const int MaxRetries = 0;

    public static AzureClient Create(AzureOptions options, TimeProvider time)
    {
        var ca = TrustedHttp.ReadPem(options.CaCertificate, options.CaCertificateFile);
        var http = new HttpClient(TrustedHttp.CreateHandler(ca)) { Timeout = TimeSpan.FromSeconds(30) };
        var transport = new HttpClientTransport(http);
        var endpoint = new Uri(options.ArmUrl.TrimEnd('/') + "/");
        var arm = new ArmClientOptions
        {
            Environment = new ArmEnvironment(endpoint, options.Audience),
            Transport = transport,
        };
        arm.Retry.MaxRetries = MaxRetries;
        arm.Diagnostics.IsLoggingContentEnabled = false;
        arm.AddPolicy(new CorrelationPolicy(), HttpPipelinePosition.PerCall);
        foreach (var (type, version) in AzureVersions.All)
            arm.SetApiVersion(new ResourceType(type), version);
        var credential = Credential(options, http, transport, time);
        var client = new ArmClient(credential, options.SubscriptionId, arm);
        var pipeline = HttpPipelineBuilder.Build(arm, new BearerTokenAuthenticationPolicy(credential, $"{options.Audience}/.default"));
        return new AzureClient(client, pipeline, endpoint, options, time);
    }

    private static TokenCredential Credential(AzureOptions options, HttpClient http, HttpPipelineTransport transport, TimeProvider time)
    {
        if (string.IsNullOrEmpty(options.ClientSecret))
            return new DefaultAzureCredential(new DefaultAzureCredentialOptions { TenantId = options.TenantId, Transport = transport });
        return string.IsNullOrEmpty(options.AuthorityUrl)
            ? new ClientSecretCredential(options.TenantId, options.ClientId, options.ClientSecret, new ClientSecretCredentialOptions { Transport = transport })
            : new ClientCredentialsTokens(http, options, time);
    }
}
