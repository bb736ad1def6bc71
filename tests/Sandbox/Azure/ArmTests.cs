using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Azure;

public sealed class ArmTests
{
    private const string AcrPull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
    private const string First = "66f87b3d-aea4-5ff3-8326-aeb8c8662fc9";
    private const string Second = "66f87b3d-aea4-5ff3-8326-aeb8c8662fca";

    [Fact]
    public async Task Reads_lag_behind_writes_where_that_is_wanted()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.AzureReadLag = TimeSpan.FromSeconds(5));
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var atOnce = (await arm.SendAsync("GET", Arm.Group)).Status;
        sandbox.Time.Advance(5);
        var later = (await arm.SendAsync("GET", Arm.Group)).Status;
        await arm.SendAsync("DELETE", Arm.Group);
        sandbox.Time.Advance(5);

        // Its removal is through by now, and this is the first that readers could know of it.
        var removed = (await arm.SendAsync("GET", Arm.Group)).Status;
        sandbox.Time.Advance(5);

        (atOnce, later, removed, (await arm.SendAsync("GET", Arm.Group)).Status).ShouldBe((404, 200, 200, 404));
    }

    [Fact]
    public async Task Lists_have_pages_that_lead_on()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.AzureMaxPageSize = 1);
        var arm = await Arm.LoginAsync(sandbox);
        var names = new List<string>();
        for (var next = "/subscriptions/33333333-3333-4333-8333-333333333333/resources"; next is not null;)
        {
            var page = (await arm.SendAsync("GET", next)).Json;
            names.Add(page["value"]!.AsArray().Single()!["name"]!.ToString());
            next = page["nextLink"] is { } link ? new Uri(link.ToString()).PathAndQuery : null;
        }

        names.ShouldBe(["acmeregistry", "aks-sandbox"], ignoreOrder: true);
    }

    [Fact]
    public async Task Version_and_token_are_asked_for()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        (await sandbox.SendAsync(sandbox.Host.Azure, "GET", Arm.Group + "?api-version=2024-03-01")).Status.ShouldBe(401);
        (await sandbox.SendAsync(sandbox.Host.Azure, "GET", Arm.Group + "?api-version=2024-03-01", token: "a.b.c")).Status.ShouldBe(401);
        (await arm.SendAsync("GET", Arm.Group + "?api-version=")).Json["error"]!["code"]!.GetValue<string>().ShouldBe("MissingApiVersionParameter");
        await arm.PutGroupAsync();
        (await arm.SendAsync("GET", Arm.Vault + "?api-version=1999-01-01")).Json["error"]!["code"]!.GetValue<string>().ShouldBe("NoRegisteredProviderFound");
    }

    [Fact]
    public async Task Deleting_a_group_takes_time_and_everything_inside()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        var before = (await sandbox.StateAsync()).ToJsonString();
        (await arm.PutGroupAsync()).Status.ShouldBe(201);
        (await arm.PutGroupAsync()).Status.ShouldBe(200);
        await arm.PutIdentityAsync();
        var deleted = await arm.SendAsync("DELETE", Arm.Group);
        deleted.Status.ShouldBe(202);
        (await arm.PutGroupAsync()).Json["error"]!["code"]!.GetValue<string>().ShouldBe("ResourceGroupBeingDeleted");
        (await arm.SendAsync("PUT", Arm.Identity, new JsonObject { ["location"] = "uksouth" })).Json["error"]!["code"]!.GetValue<string>().ShouldBe("ResourceGroupBeingDeleted");
        sandbox.Time.Advance(2);
        (await arm.SendAsync("GET", new Uri(deleted.Header("Location")).PathAndQuery)).Status.ShouldBe(200);
        (await arm.SendAsync("HEAD", Arm.Group)).Status.ShouldBe(404);
        (await sandbox.StateAsync()).ToJsonString().ShouldBe(before);
    }

    [Fact]
    public async Task New_principal_is_unknown_for_a_while_unless_its_type_is_given()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var principal = await arm.PutIdentityAsync();
        (await arm.AssignAsync(Arm.Group, First, AcrPull, principal)).Json["error"]!["code"]!.GetValue<string>().ShouldBe("PrincipalNotFound");
        (await arm.AssignAsync(Arm.Group, First, AcrPull, principal, "ServicePrincipal")).Status.ShouldBe(201);
        (await arm.AssignAsync(Arm.Group, First, AcrPull, principal, "ServicePrincipal")).Status.ShouldBe(200);
        sandbox.Time.Advance(6);
        var same = await arm.AssignAsync(Arm.Group, Second, AcrPull, principal);
        same.Json["error"]!["code"]!.GetValue<string>().ShouldBe("RoleAssignmentExists");
        same.Json["error"]!["message"]!.GetValue<string>().ShouldContain(First.Replace("-", "", StringComparison.Ordinal));
        var other = await arm.AssignAsync(Arm.Group, First, AcrPull, "44444444-4444-4444-8444-444444444444", "Group");
        other.Json["error"]!["code"]!.GetValue<string>().ShouldBe("RoleAssignmentUpdateNotPermitted");
        (await arm.AssignAsync(Arm.Group, Second, AcrPull, "00000000-0000-4000-8000-000000000000", "Group")).Json["error"]!["code"]!.GetValue<string>().ShouldBe("PrincipalNotFound");
    }

    [Fact]
    public async Task Recreated_identity_is_another_principal_and_leaves_orphans()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var first = await arm.PutIdentityAsync();
        (await arm.PutIdentityAsync()).ShouldBe(first);
        await arm.AssignAsync(Arm.Group, First, AcrPull, first, "ServicePrincipal");
        await arm.SendAsync("DELETE", Arm.Identity);
        (await arm.PutIdentityAsync()).ShouldNotBe(first);
        var list = await arm.SendAsync("GET", $"{Arm.Group}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '{first}'");
        list.Json["value"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Federated_credentials_of_one_identity_are_written_one_at_a_time()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        await arm.PutIdentityAsync();
        Task<Answer> Put(string name) => arm.SendAsync("PUT", $"{Arm.Identity}/federatedIdentityCredentials/{name}", new JsonObject
        {
            ["properties"] = new JsonObject { ["issuer"] = "https://issuer/", ["subject"] = name, ["audiences"] = new JsonArray("api://AzureADTokenExchange") },
        });

        var both = await Task.WhenAll(Put("first"), Put("second"));
        both.Select(a => a.Status).Order().ShouldBe([201, 409]);
        both.Single(a => a.Status == 409).Json["error"]!["code"]!.GetValue<string>()
            .ShouldBe("ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity");
        (await Put("third")).Status.ShouldBe(201);
        (await Put("fourth")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Locks_keep_what_they_cover()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        await arm.PutIdentityAsync();
        var path = Arm.Identity + "/providers/Microsoft.Authorization/locks/keep";
        (await arm.SendAsync("PUT", path, new JsonObject { ["properties"] = new JsonObject { ["level"] = "CanNotDelete" } })).Status.ShouldBe(201);
        (await arm.SendAsync("DELETE", Arm.Identity)).Json["error"]!["code"]!.GetValue<string>().ShouldBe("ScopeLocked");
        (await arm.SendAsync("DELETE", Arm.Group)).Status.ShouldBe(409);
        (await arm.SendAsync("DELETE", path)).Status.ShouldBe(200);
        (await arm.SendAsync("DELETE", Arm.Identity)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Provider_must_be_registered_first()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.Seed.UnregisteredProviders.Add("Microsoft.KeyVault"));
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        (await arm.PutVaultAsync()).Json["error"]!["code"]!.GetValue<string>().ShouldBe("MissingSubscriptionRegistration");
        const string provider = "/subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.KeyVault";
        (await arm.SendAsync("POST", provider + "/register")).Json["registrationState"]!.GetValue<string>().ShouldBe("Registering");
        sandbox.Time.Advance(3);
        (await arm.SendAsync("GET", provider)).Json["registrationState"]!.GetValue<string>().ShouldBe("Registered");
        (await arm.PutVaultAsync()).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData(AzureOperationStyle.AsyncOperation, "Azure-AsyncOperation", 201)]
    [InlineData(AzureOperationStyle.Location, "Location", 202)]
    [InlineData(AzureOperationStyle.ProvisioningState, "", 201)]
    public async Task Long_operations_are_followed_as_chosen(AzureOperationStyle style, string header, int status)
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.AzureOperations = style);
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var created = await arm.PutVaultAsync();
        created.Status.ShouldBe(status);
        new[] { "Azure-AsyncOperation", "Location" }.Where(h => created.Header(h).Length > 0).ShouldBe(header.Length == 0 ? [] : [header]);
    }

    [Fact]
    public async Task What_was_accepted_may_fail_later_and_is_begun_anew_when_asked_for_again()
    {
        await using var sandbox = await SandboxFixture.StartAsync(o => o.Seed.ProvisioningFailures["Microsoft.KeyVault/vaults"] = 1);
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        async Task<string> MakeAsync()
        {
            await arm.PutVaultAsync();
            sandbox.Time.Advance(2);
            return (await arm.SendAsync("GET", Arm.Vault)).Json["properties"]!["provisioningState"]!.ToString();
        }

        (await MakeAsync(), await MakeAsync()).ShouldBe(("Failed", "Succeeded"));
    }
}
