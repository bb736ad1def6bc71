using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Azure;

/// <summary>User-assigned identities and their federated credentials, of which one at a time may be written.</summary>
internal sealed partial class Identities(SandboxContext context)
{
    private const string IdentityType = "Microsoft.ManagedIdentity/userAssignedIdentities";
    private const string CredentialType = IdentityType + "/federatedIdentityCredentials";
    private const int MaxCredentials = 20;

    /// <summary>How long writing a credential keeps its identity busy.</summary>
    private static readonly TimeSpan s_write = TimeSpan.FromMilliseconds(100);

    private static readonly ConcurrentDictionary<string, bool> s_busy = new(StringComparer.Ordinal);

    public IReadOnlyList<ResourceKind> Kinds =>
    [
        new(IdentityType, null, PrepareIdentity, ForgetPrincipal),
        new(CredentialType, null, PrepareCredential) { Located = false },
    ];

    /// <summary>The identity's principal leaves the directory; role assignments that name it stay behind.</summary>
    public static void ForgetPrincipal(Documents documents, JsonObject resource)
    {
        if (resource.Text("type") == IdentityType)
        {
            documents.Delete("principal", resource.Text("properties", "principalId")!);
        }
    }

    public static void CheckSerial(Call call, AzureId id, ResourceKind kind)
    {
        if (kind.Type == CredentialType && s_busy.ContainsKey(Identity(call, id)))
        {
            throw AzureErrors.Refuse(
                409,
                "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
                $"Too many Federated Identity Credentials are written concurrently for the managed identity '{id.Parts[0].Name}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.");
        }
    }

    /// <summary>Keeps the identity busy until the answer has gone out.</summary>
    public static Reply Serial(Call call, AzureId id, ResourceKind kind, Reply reply)
    {
        if (kind.Type != CredentialType)
        {
            return reply;
        }

        var identity = Identity(call, id);
        s_busy[identity] = true;
        reply.Hold = s_write;
        reply.Released = () => s_busy.TryRemove(identity, out _);
        return reply;
    }

    private static string Identity(Call call, AzureId id) => call.Host + id.ParentKey;

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$")]
    private static partial Regex IdentityName();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$")]
    private static partial Regex CredentialName();

    private void PrepareIdentity(Call call, AzureId id, JsonObject? before, JsonObject resource)
    {
        if (!IdentityName().IsMatch(id.Name))
        {
            throw AzureErrors.Refuse(400, "InvalidResourceName", $"The identity name '{id.Name}' is invalid.");
        }

        resource["properties"] = before?["properties"].Copy() ?? new JsonObject
        {
            ["tenantId"] = context.Seed.TenantId,
            ["principalId"] = call.Documents.NextGuid().ToString(),
            ["clientId"] = call.Documents.NextGuid().ToString(),
        };
        if (before is null)
        {
            RoleAssignments.AddPrincipal(call.Documents, resource.Text("properties", "principalId")!, "ServicePrincipal", context.Options.PrincipalReplicationDelay);
        }
    }

    private static void PrepareCredential(Call call, AzureId id, JsonObject? before, JsonObject resource)
    {
        if (!CredentialName().IsMatch(id.Name))
        {
            throw AzureErrors.Refuse(400, "InvalidResourceName", $"The federated identity credential name '{id.Name}' is invalid.");
        }

        var properties = resource.Object("properties")!;
        if (properties.Text("issuer") is null or "" || properties.Text("subject") is null or "" || properties.Array("audiences") is not { Count: > 0 })
        {
            throw AzureErrors.Refuse(400, "BadRequest", "issuer, subject and audiences are required.");
        }

        var siblings = call.Documents.List("resource", id.ParentKey + "/federatedidentitycredentials/").Where(s => s.Key != id.Key).Select(s => s.Body).ToList();
        if (siblings.Count >= MaxCredentials)
        {
            throw AzureErrors.Refuse(400, "BadRequest", $"A managed identity can have at most {MaxCredentials} federated identity credentials.");
        }

        if (siblings.Exists(s => s.Text("properties", "issuer") == properties.Text("issuer") && s.Text("properties", "subject") == properties.Text("subject")))
        {
            throw AzureErrors.Refuse(409, "Conflict", "Issuer and subject combination already exists for this Managed Identity.");
        }
    }
}
