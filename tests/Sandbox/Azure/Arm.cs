using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Azure;

/// <summary>Calls to Resource Manager with a token of the orchestrator's.</summary>
internal sealed class Arm(SandboxFixture sandbox, string token)
{
    public const string Group = "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-orders-dev";
    public const string Vault = Group + "/providers/Microsoft.KeyVault/vaults/kv-orders-dev-0001";
    public const string Identity = Group + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-orders-dev";

    private static readonly (string Part, string Version)[] s_versions =
    [
        ("/roleAssignments", "2022-04-01"), ("/locks", "2020-05-01"), ("Microsoft.KeyVault", "2026-02-01"), ("Microsoft.ManagedIdentity", "2024-11-30"),
        ("Microsoft.ContainerRegistry", "2025-11-01"), ("", "2024-03-01"),
    ];

    public static async Task<Arm> LoginAsync(SandboxFixture sandbox)
    {
        var credentials = sandbox.Host.Options.Credentials;
        var answer = await sandbox.SendAsync(
            sandbox.Host.AzureLogin,
            "POST",
            $"/{sandbox.Host.Options.Seed.TenantId}/oauth2/v2.0/token",
            $"grant_type=client_credentials&client_id={credentials.AzureClientId}&client_secret={credentials.AzureClientSecret}&scope=https%3A%2F%2Fmanagement.azure.com%2F.default",
            contentType: "application/x-www-form-urlencoded");
        answer.Status.ShouldBe(200, answer.Body);
        return new Arm(sandbox, answer.Json["access_token"]!.GetValue<string>());
    }

    public Task<Answer> SendAsync(string method, string path, JsonNode? body = null)
    {
        var version = s_versions.First(v => path.Contains(v.Part, StringComparison.OrdinalIgnoreCase)).Version;
        var query = path.Contains("api-version", StringComparison.Ordinal) ? "" : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "api-version=" + version;
        return sandbox.SendAsync(sandbox.Host.Azure, method, path + query, body, token);
    }

    public Task<Answer> PutGroupAsync() => SendAsync("PUT", Group, new JsonObject { ["location"] = "uksouth", ["tags"] = new JsonObject { ["team"] = "payments" } });

    public Task<Answer> PutVaultAsync(Action<JsonObject>? change = null, string path = Vault)
    {
        var properties = new JsonObject
        {
            ["tenantId"] = sandbox.Host.Options.Seed.TenantId,
            ["sku"] = new JsonObject { ["family"] = "A", ["name"] = "standard" },
            ["enableRbacAuthorization"] = true,
            ["softDeleteRetentionInDays"] = 7,
        };
        change?.Invoke(properties);
        return SendAsync("PUT", path, new JsonObject { ["location"] = "uksouth", ["properties"] = properties });
    }

    public async Task<string> PutIdentityAsync() =>
        (await SendAsync("PUT", Identity, new JsonObject { ["location"] = "uksouth" })).Json["properties"]!["principalId"]!.GetValue<string>();

    public Task<Answer> AssignAsync(string scope, string name, string role, string principal, string? type = null)
    {
        var properties = new JsonObject { ["roleDefinitionId"] = $"{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}", ["principalId"] = principal };
        if (type is not null)
        {
            properties["principalType"] = type;
        }

        return SendAsync("PUT", $"/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", new JsonObject { ["properties"] = properties });
    }
}
