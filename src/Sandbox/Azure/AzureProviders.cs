using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>Resource providers, the versions that they speak, and whether the subscription is registered for them.</summary>
internal sealed class AzureProviders(SandboxContext context)
{
    /// <summary>Versions of each type, newest generally available first.</summary>
    private static readonly Dictionary<string, Dictionary<string, string[]>> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Microsoft.Resources"] = Types(
            ("subscriptions", ["2022-12-01", "2022-09-01", "2020-01-01"]),
            ("resourceGroups", ["2025-04-01", "2024-11-01", "2024-03-01", "2023-07-01", "2022-09-01", "2021-04-01"]),
            ("tags", ["2025-04-01", "2024-03-01", "2022-09-01", "2021-04-01"])),
        ["Microsoft.KeyVault"] = Types(
            ("vaults", ["2026-02-01", "2024-11-01", "2023-07-01", "2023-02-01", "2022-07-01"]),
            ("deletedVaults", ["2026-02-01", "2024-11-01", "2023-07-01", "2022-07-01"]),
            ("checkNameAvailability", ["2026-02-01", "2024-11-01", "2023-07-01"])),
        ["Microsoft.ManagedIdentity"] = Types(
            ("userAssignedIdentities", ["2024-11-30", "2023-01-31", "2018-11-30"]),
            ("userAssignedIdentities/federatedIdentityCredentials", ["2024-11-30", "2023-01-31"])),
        ["Microsoft.ContainerRegistry"] = Types(
            ("registries", ["2025-11-01", "2025-04-01", "2023-07-01"]),
            ("registries/scopeMaps", ["2025-11-01", "2025-04-01", "2023-07-01"]),
            ("registries/tokens", ["2025-11-01", "2025-04-01", "2023-07-01"]),
            ("checkNameAvailability", ["2025-11-01", "2023-07-01"])),
        ["Microsoft.Authorization"] = Types(
            ("roleAssignments", ["2022-04-01", "2020-04-01-preview"]),
            ("roleDefinitions", ["2022-04-01", "2018-01-01-preview"]),
            ("locks", ["2020-05-01", "2016-09-01"])),
        ["Microsoft.Insights"] = Types(("diagnosticSettings", ["2021-05-01-preview"])),
        ["Microsoft.OperationalInsights"] = Types(("workspaces", ["2023-09-01", "2022-10-01"])),
        ["Microsoft.Dashboard"] = Types(("grafana", ["2024-10-01", "2023-09-01"])),
        ["Microsoft.ContainerService"] = Types(("managedClusters", ["2025-05-01", "2024-09-01"])),
    };

    private static readonly TimeSpan s_registration = TimeSpan.FromSeconds(2);

    public IReadOnlyList<Route> Routes =>
    [
        new("GET", "/subscriptions/{sub}/providers", call => Reply.Json(200, new JsonObject { ["value"] = Json.ToArray(s_types.Keys.Select(n => Shown(call, n))) })),
        new("GET", "/subscriptions/{sub}/providers/{provider}", call => Reply.Json(200, Shown(call, call["provider"]))),
        new("POST", "/subscriptions/{sub}/providers/{provider}/register", Register),
    ];

    public void Seed(Documents documents)
    {
        foreach (var name in s_types.Keys)
        {
            var registered = !context.Seed.UnregisteredProviders.Contains(name, StringComparer.OrdinalIgnoreCase);
            documents.Put("provider", name.ToLowerInvariant(), new JsonObject { ["state"] = registered ? "Registered" : "NotRegistered" });
        }
    }

    public static void OnRegistered(Documents documents, string name) =>
        documents.Put("provider", name, new JsonObject { ["state"] = "Registered" });

    public static void CheckRegistered(Documents documents, string provider)
    {
        if (documents.Get("provider", provider.ToLowerInvariant()).Text("state") is not ("Registered" or "Registering"))
        {
            throw AzureErrors.Refuse(
                409,
                "MissingSubscriptionRegistration",
                $"The subscription is not registered to use namespace '{provider}'. See https://aka.ms/rps-not-found for how to register subscriptions.");
        }
    }

    /// <summary>Refuses unknown types and versions that a type doesn't speak, with the list of those that it does.</summary>
    public static void CheckVersion(Call call, string provider, string type)
    {
        var version = call.Parameter("api-version") ?? "";
        if (!s_types.TryGetValue(provider, out var types))
        {
            throw AzureErrors.Refuse(404, "InvalidResourceNamespace", $"The resource namespace '{provider}' is invalid.");
        }

        if (!types.TryGetValue(type, out var versions))
        {
            throw AzureErrors.Refuse(
                404, "InvalidResourceType", $"The resource type '{type}' could not be found in the namespace '{provider}' for api version '{version}'.");
        }

        if (!versions.Contains(version, StringComparer.OrdinalIgnoreCase))
        {
            throw AzureErrors.Refuse(
                400,
                "NoRegisteredProviderFound",
                $"No registered resource provider found for location 'global' and API version '{version}' for type '{type}'. The supported api-versions are '{string.Join(", ", versions)}'.");
        }
    }

    private static Dictionary<string, string[]> Types(params (string Type, string[] Versions)[] types) =>
        types.ToDictionary(t => t.Type, t => t.Versions, StringComparer.OrdinalIgnoreCase);

    private static JsonObject Shown(Call call, string name)
    {
        var found = s_types.FirstOrDefault(t => t.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (found.Key is null)
        {
            throw AzureErrors.Refuse(404, "InvalidResourceNamespace", $"The resource namespace '{name}' is invalid.");
        }

        return new JsonObject
        {
            ["id"] = $"/subscriptions/{call["sub"]}/providers/{found.Key}",
            ["namespace"] = found.Key,
            ["registrationState"] = call.Documents.Get("provider", found.Key.ToLowerInvariant()).Text("state"),
            ["resourceTypes"] = Json.ToArray(found.Value.Select(t => (JsonNode)new JsonObject
            {
                ["resourceType"] = t.Key,
                ["locations"] = Json.TextArray("UK South", "West Europe"),
                ["apiVersions"] = Json.TextArray(t.Value),
                ["capabilities"] = "SupportsTags, SupportsLocation",
            })),
        };
    }

    private static Reply Register(Call call)
    {
        var shown = Shown(call, call["provider"]);
        var key = shown.Text("namespace")!.ToLowerInvariant();
        if (shown.Text("registrationState") == "NotRegistered")
        {
            call.Documents.Put("provider", key, new JsonObject { ["state"] = "Registering" });
            call.Documents.Schedule("register", key, s_registration);
        }

        return Reply.Json(200, Shown(call, call["provider"]));
    }
}
