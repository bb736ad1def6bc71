using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.ResourceManager;
using Azure.ResourceManager.Resources;
using Azure.Security.KeyVault.Secrets;

namespace Onramp.Sandbox.Tests.Azure;

/// <summary>The official .NET clients, trusting nothing but the sandbox's own authority.</summary>
public sealed class OfficialSdkTests
{
    [Fact]
    public async Task Resource_manager_creates_group_vault_identity_and_assignment()
    {
        await using var sandbox = await SandboxHost.StartAsync(new SandboxOptions { AzureOperationDuration = TimeSpan.FromMilliseconds(200) });
        var (client, _) = Clients(sandbox);
        var subscription = await client.GetDefaultSubscriptionAsync();
        var group = await subscription.GetResourceGroups().CreateOrUpdateAsync(WaitUntil.Completed, "rg-sdk", new ResourceGroupData(AzureLocation.UKSouth));
        var vault = await CreateVaultAsync(client, group.Value.Id, sandbox.Options.Seed.TenantId);
        vault.Data.Properties.ToObjectFromJson<Dictionary<string, object>>()!["provisioningState"].ToString().ShouldBe("Succeeded");

        var missing = await Should.ThrowAsync<RequestFailedException>(
            () => client.GetGenericResource(new ResourceIdentifier($"{group.Value.Id}/providers/Microsoft.KeyVault/vaults/kv-absent")).GetAsync());
        missing.Status.ShouldBe(404);
        missing.ErrorCode.ShouldBe("ResourceNotFound");
        await group.Value.DeleteAsync(WaitUntil.Completed);
        (await subscription.GetResourceGroups().ExistsAsync("rg-sdk")).Value.ShouldBeFalse();
    }

    [Fact]
    public async Task Secret_client_answers_the_challenge_and_waits_for_its_rights()
    {
        await using var sandbox = await SandboxHost.StartAsync(new SandboxOptions
        {
            AzureOperationDuration = TimeSpan.FromMilliseconds(100), RoleAssignmentPropagationDelay = TimeSpan.FromMilliseconds(500),
        });
        var (client, credential) = Clients(sandbox);
        var subscription = await client.GetDefaultSubscriptionAsync();
        var group = await subscription.GetResourceGroups().CreateOrUpdateAsync(WaitUntil.Completed, "rg-sdk", new ResourceGroupData(AzureLocation.UKSouth));
        var vault = await CreateVaultAsync(client, group.Value.Id, sandbox.Options.Seed.TenantId);
        var options = new SecretClientOptions { Transport = Transport(sandbox), DisableChallengeResourceVerification = true };
        var secrets = new SecretClient(new Uri($"https://kv-sdk.localhost:{sandbox.Azure.Port}"), credential, options);
        (await Should.ThrowAsync<RequestFailedException>(() => secrets.SetSecretAsync("db", "value"))).Status.ShouldBe(403);

        const string officer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
        await client.GetGenericResources().CreateOrUpdateAsync(
            WaitUntil.Completed,
            new ResourceIdentifier($"{vault.Id}/providers/Microsoft.Authorization/roleAssignments/{new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)}"),
            new GenericResourceData(AzureLocation.UKSouth)
            {
                Properties = BinaryData.FromObjectAsJson(new
                {
                    roleDefinitionId = $"{subscription.Id}/providers/Microsoft.Authorization/roleDefinitions/{officer}",
                    principalId = "55555555-5555-4555-8555-555555555555",
                }),
            });
        KeyVaultSecret? written = null;
        for (var attempt = 0; written is null && attempt < 50; attempt++)
        {
            try
            {
                written = await secrets.SetSecretAsync("db", "value");
            }
            catch (RequestFailedException refused) when (refused.Status == 403)
            {
                await Task.Delay(50);
            }
        }

        (await secrets.GetSecretAsync("db")).Value.Value.ShouldBe("value");
        await secrets.StartDeleteSecretAsync("db");
        (await Should.ThrowAsync<RequestFailedException>(() => secrets.SetSecretAsync("db", "value"))).Status.ShouldBe(409);
    }

    private static async Task<GenericResource> CreateVaultAsync(ArmClient client, ResourceIdentifier group, string tenant)
    {
        var vault = await client.GetGenericResources().CreateOrUpdateAsync(
            WaitUntil.Completed,
            new ResourceIdentifier($"{group}/providers/Microsoft.KeyVault/vaults/kv-sdk"),
            new GenericResourceData(AzureLocation.UKSouth)
            {
                Properties = BinaryData.FromObjectAsJson(new { tenantId = tenant, sku = new { family = "A", name = "standard" }, enableRbacAuthorization = true }),
            });
        return vault.Value;
    }

    private static (ArmClient Client, TokenCredential Credential) Clients(SandboxHost sandbox)
    {
        var credentials = sandbox.Options.Credentials;
        var credential = new ClientSecretCredential(sandbox.Options.Seed.TenantId, credentials.AzureClientId, credentials.AzureClientSecret, new ClientSecretCredentialOptions
        {
            AuthorityHost = sandbox.AzureLogin, DisableInstanceDiscovery = true, Transport = Transport(sandbox),
        });
        var options = new ArmClientOptions { Environment = new ArmEnvironment(sandbox.Azure, "https://management.azure.com"), Transport = Transport(sandbox) };
        options.SetApiVersion(new ResourceType("Microsoft.Authorization/roleAssignments"), "2022-04-01");
        options.SetApiVersion(new ResourceType("Microsoft.KeyVault/vaults"), "2026-02-01");
        return (new ArmClient(credential, sandbox.Options.Seed.SubscriptionId, options), credential);
    }

    private static HttpClientTransport Transport(SandboxHost sandbox) => new(new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync("127.0.0.1", context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { sandbox.CertificateAuthority }, RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    }));
}
