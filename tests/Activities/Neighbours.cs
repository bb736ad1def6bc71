using System.Text.Json.Nodes;
using Onramp.Sandbox;

namespace Onramp.Activities.Tests;

/// <summary>What others have in the systems, of every kind that a run makes, and enough of it to fill the first page of any list.</summary>
internal static class Neighbours
{
    private const string Namespaces = "/api/v1/namespaces";

    public static async Task MoveInAsync(SandboxHost sandbox)
    {
        using var others = new SandboxApi(sandbox);
        await GitHubAsync(others);
        await KubernetesAsync(others);
        await AzureAsync(others, sandbox.Options.Seed);
        await GrafanaAsync(others);
        await others.CatalogAsync("POST", "/api/catalog/locations", new JsonObject
        {
            ["type"] = "url", ["target"] = "https://github.com/acme/golden-path-frontend/blob/main/catalog-info.yaml",
        });
    }

    private static async Task GitHubAsync(SandboxApi others)
    {
        foreach (var name in (string[])["accounts", "ledger", "zebra"])
        {
            await others.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = name, ["private"] = true, ["auto_init"] = true });
            await others.GitHubAsync("PUT", $"/orgs/acme/teams/payments/repos/acme/{name}", new JsonObject { ["permission"] = "push" });
            await others.GitHubAsync("PUT", $"/repos/acme/{name}/environments/dev", new JsonObject());
            await others.GitHubAsync("POST", $"/repos/acme/{name}/environments/dev/variables", new JsonObject { ["name"] = "NAMESPACE", ["value"] = "theirs" });
        }
    }

    private static async Task KubernetesAsync(SandboxApi others)
    {
        foreach (var name in (string[])["ledger-dev", "stock-dev", "zebra-dev"])
        {
            await others.KubernetesAsync("POST", Namespaces, Named("v1", "Namespace", name, ("platform.io/team", name == "zebra-dev" ? "payments" : "checkout")));
            foreach (var policy in (string[])["a", "b"])
            {
                var body = Named("networking.k8s.io/v1", "NetworkPolicy", policy);
                body["spec"] = new JsonObject { ["podSelector"] = new JsonObject(), ["policyTypes"] = new JsonArray("Ingress") };
                await others.KubernetesAsync("POST", $"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies", body);
            }
        }
    }

    private static async Task AzureAsync(SandboxApi others, SandboxSeed seed)
    {
        var group = $"/subscriptions/{seed.SubscriptionId}/resourceGroups/rg-ledger-dev";
        await others.AzureAsync("PUT", $"{group}?api-version=2024-03-01", new JsonObject { ["location"] = "uksouth" });
        var identity = await others.AzureAsync(
            "PUT",
            $"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-ledger-dev?api-version=2024-11-30",
            new JsonObject { ["location"] = "uksouth" });
        await others.AzureAsync(
            "PUT",
            $"{seed.RegistryId}/providers/Microsoft.Authorization/roleAssignments/88888888-8888-4888-8888-888888888888?api-version=2022-04-01",
            new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["roleDefinitionId"] = "/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d",
                    ["principalId"] = identity!["properties"]!["principalId"]!.ToString(),
                    ["principalType"] = "ServicePrincipal",
                },
            });
    }

    private static async Task GrafanaAsync(SandboxApi others)
    {
        foreach (var folder in (string[])["a", "b"])
        {
            await others.GrafanaAsync("POST", "/api/folders", new JsonObject { ["uid"] = $"theirs-{folder}", ["title"] = $"Theirs {folder}" });
            await others.GrafanaAsync("POST", "/api/dashboards/db", new JsonObject
            {
                ["dashboard"] = new JsonObject { ["uid"] = $"theirs-{folder}", ["title"] = "Theirs" }, ["folderUid"] = $"theirs-{folder}", ["overwrite"] = false,
            });
        }
    }

    private static JsonObject Named(string version, string kind, string name, params (string Name, string Value)[] labels) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name, ["labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Name, l.Value))),
        },
    };
}
