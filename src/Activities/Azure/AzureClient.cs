using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.ResourceManager;
using Azure.ResourceManager.Resources;
using Onramp.Activities.Common;
using Onramp.Activities.Http;

namespace Onramp.Activities.Azure;

/// <summary>A resource as far as onboarding looks at it.</summary>
internal sealed record AzureResource(string Id, string Name, IReadOnlyDictionary<string, string> Tags, JsonNode? Properties)
{
    private static readonly string[] FailedStates = ["Failed", "Canceled", "Cancelled"];

    public string? ProvisioningState => Properties.Text("provisioningState");

    /// <summary>Azure has taken it and then not been able to make it. Asking for it again makes it try again.</summary>
    public bool HasFailed => ProvisioningState is { } state && FailedStates.Contains(state, StringComparer.OrdinalIgnoreCase);

    public bool IsReady => ProvisioningState is null || string.Equals(ProvisioningState, "Succeeded", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// Azure Resource Manager through generic resources. Writes only start operations: what came of them is read from the resource
/// later, so that nothing is lost with a worker, and repeating a write with the same body is how one is resumed.
/// </summary>
internal sealed class AzureClient(ArmClient arm, HttpPipeline pipeline, Uri endpoint, AzureOptions options, TimeProvider time)
{
    /// <summary>First wait between looks for something that should be there; doubles.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(250);

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>How long what was written may not be seen.</summary>
    public TimeSpan ReadLag => options.AbsenceConfirmation;

    public async Task<AzureResource?> FindAsync(string id, CancellationToken cancellationToken) =>
        await GuardAsync($"GET {id}", id, cancellationToken, async () =>
        {
            try
            {
                var found = await arm.GetGenericResource(new ResourceIdentifier(id)).GetAsync(cancellationToken);
                return Read(found.Value.Data);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
        });

    /// <summary>Starts creating or updating; what is thrown is the refusal itself when it is one of <paramref name="expected"/>.</summary>
    public Task<AzureResource> PutAsync(
        string id, string? location, JsonObject? properties, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken, params string[] expected) =>
        GuardAsync($"PUT {id}", id, cancellationToken, async () =>
        {
            var data = new GenericResourceData(location is null ? default : new AzureLocation(location));
            if (properties is not null)
                data.Properties = BinaryData.FromString(properties.ToJsonString());
            foreach (var (key, value) in tags ?? new Dictionary<string, string>(StringComparer.Ordinal))
                data.Tags[key] = value;
            try
            {
                var operation = await arm.GetGenericResources().CreateOrUpdateAsync(WaitUntil.Started, new ResourceIdentifier(id), data, cancellationToken);
                return operation.HasValue
                    ? Read(operation.Value.Data)
                    : ReadRaw(id, operation.GetRawResponse());
            }
            catch (RequestFailedException e) when (e.ErrorCode is { } code && expected.Contains(code, StringComparer.OrdinalIgnoreCase))
            {
                throw new AzureRefusal(code, e.Message);
            }
        });

    /// <summary>Starts deleting. An absent resource is fine.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) =>
        GuardAsync($"DELETE {id}", id, cancellationToken, async () =>
        {
            try
            {
                await arm.GetGenericResource(new ResourceIdentifier(id)).DeleteAsync(WaitUntil.Started, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return false;
            }
            return true;
        });

    /// <summary>
    /// Looks again for a while when nothing is seen: reads lag behind writes, so one "not found" right after a write, or after a write whose
    /// answer was lost, is not the truth. Null once the absence has held for <see cref="AzureOptions.AbsenceConfirmation"/>.
    /// </summary>
    public async Task<T?> FindLongAsync<T>(Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        var until = time.GetUtcNow() + options.AbsenceConfirmation;
        for (var wait = FirstLook; ; wait *= 2)
        {
            var last = time.GetUtcNow() >= until;
            if (await look() is { } found)
                return found;
            if (last)
                return null;
            var left = until - time.GetUtcNow();
            await Task.Delay(left < TimeSpan.Zero ? TimeSpan.Zero : wait < left ? wait : left, time, cancellationToken);
        }
    }

    /// <inheritdoc cref="FindLongAsync{T}"/>
    public Task<AzureResource?> FindLongAsync(string id, CancellationToken cancellationToken) =>
        FindLongAsync(() => FindAsync(id, cancellationToken), cancellationToken);

    /// <summary>Everything in a resource group, to the end of the list.</summary>
    public Task<IReadOnlyList<AzureResource>> ListResourcesAsync(string groupId, CancellationToken cancellationToken) =>
        GuardAsync<IReadOnlyList<AzureResource>>($"GET {groupId}/resources", groupId, cancellationToken, async () =>
        {
            var found = new List<AzureResource>();
            var group = arm.GetResourceGroupResource(new ResourceIdentifier(groupId));
            await foreach (var resource in group.GetGenericResourcesAsync(cancellationToken: cancellationToken))
                found.Add(Read(resource.Data));
            return found;
        });

    /// <summary>Posts an action; its status.</summary>
    public Task<int> PostAsync(string path, string apiVersion, CancellationToken cancellationToken, params int[] accepted) =>
        GuardAsync($"POST {path}", path, cancellationToken, () => SendPostAsync(path, apiVersion, accepted, cancellationToken));

    /// <summary>
    /// What every call goes through: refusals become failures of the step, and the two that go away by themselves are waited out here. A
    /// provider that isn't registered with the subscription gets registered, which takes minutes; a right "recently granted" is retried
    /// until <see cref="AzureErrors.GrantPropagation"/> of the step is over, and told then.
    /// </summary>
    private Task<T> GuardAsync<T>(string what, string path, CancellationToken cancellationToken, Func<Task<T>> call)
    {
        var age = StepActivity.Age(time);
        return AzureErrors.GuardAsync(what, age, cancellationToken, async () =>
        {
            try
            {
                return await call();
            }
            catch (RequestFailedException e) when (AzureErrors.UnregisteredProvider(e, path) is { } provider)
            {
                var register = $"/subscriptions/{options.SubscriptionId}/providers/{provider}/register";
                await AzureErrors.GuardAsync(
                    $"POST {register}", age, cancellationToken, () => SendPostAsync(register, AzureVersions.Resources, [], cancellationToken));
                throw Failures.Transient("Azure", $"{provider} is being registered: {e.ErrorCode}", e.Status, AzureErrors.RegistrationWait);
            }
        });
    }

    private async Task<int> SendPostAsync(string path, string apiVersion, int[] accepted, CancellationToken cancellationToken)
    {
        using var message = pipeline.CreateMessage();
        message.Request.Method = RequestMethod.Post;
        message.Request.Uri.Reset(new Uri(endpoint, $"{path}?api-version={apiVersion}"));
        message.Request.Headers.Add("Accept", "application/json");
        message.Request.Content = RequestContent.Create(BinaryData.FromString(""));
        await pipeline.SendAsync(message, cancellationToken);
        return message.Response.IsError && !accepted.Contains(message.Response.Status)
            ? throw new RequestFailedException(message.Response)
            : message.Response.Status;
    }

    private static AzureResource Read(GenericResourceData data) => new(
        data.Id.ToString(),
        data.Name,
        new Dictionary<string, string>(data.Tags, StringComparer.OrdinalIgnoreCase),
        data.Properties is null ? null : JsonNode.Parse(data.Properties.ToString()));

    private static AzureResource ReadRaw(string id, Response response)
    {
        var body = response.ContentStream is { Length: > 0 } ? JsonNode.Parse(response.Content.ToString()) : null;
        var tags = (body.At("tags") as JsonObject)?.ToDictionary(t => t.Key, t => t.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase) ?? [];
        var properties = body.At("properties") ?? new JsonObject { ["provisioningState"] = "Accepted" };
        return new AzureResource(id, new ResourceIdentifier(id).Name, tags, properties.DeepClone());
    }
}

/// <summary>A refusal that the caller said it knows what to do about.</summary>
internal sealed class AzureRefusal(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>The api-versions that are used, all of them pinned: the SDK's own choice can be a preview.</summary>
internal static class AzureVersions
{
    public const string Resources = "2024-03-01";
    public const string KeyVault = "2026-02-01";

    public static readonly IReadOnlyList<(string Type, string Version)> All =
    [
        ("Microsoft.Resources/resourceGroups", Resources),
        ("Microsoft.KeyVault/vaults", KeyVault),
        ("Microsoft.KeyVault/locations/deletedVaults", KeyVault),
        ("Microsoft.ContainerRegistry/registries", "2025-11-01"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "2024-11-30"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials", "2024-11-30"),
        ("Microsoft.Authorization/roleAssignments", "2022-04-01"),
    ];
}

/// <summary>Puts the step's key on every request to Azure.</summary>
internal sealed class CorrelationPolicy : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (Correlation.Current is not { } key)
            return;
        message.Request.ClientRequestId = Correlation.RequestId(key);
        message.Request.Headers.SetValue(Correlation.Header, key.CorrelationId);
    }
}
