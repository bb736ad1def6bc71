using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Tests.Azure;

public sealed class KeyVaultTests
{
    private const string Deleted =
        "/subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.KeyVault/locations/uksouth/deletedVaults/kv-orders-dev-0001";

    [Fact]
    public async Task Vault_registers_its_name_before_it_succeeds()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var created = await arm.PutVaultAsync();
        created.Status.ShouldBe(201, created.Body);
        created.Json["properties"]!["provisioningState"]!.GetValue<string>().ShouldBe("RegisteringDns");
        sandbox.Time.Advance(2);
        var lower = await arm.SendAsync("GET", Arm.Vault.ToLowerInvariant());
        lower.Json["properties"]!["provisioningState"]!.GetValue<string>().ShouldBe("Succeeded");
        lower.Json["id"]!.GetValue<string>().ShouldBe(Arm.Vault);
    }

    [Fact]
    public async Task Deleted_vault_keeps_its_name_until_recovered_or_purged()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        await arm.PutVaultAsync();
        sandbox.Time.Advance(2);
        (await arm.SendAsync("DELETE", Arm.Vault)).Status.ShouldBe(200);
        (await arm.SendAsync("DELETE", Arm.Vault)).Status.ShouldBe(204);
        (await sandbox.StateAsync())["softDeleted"]!["azure"]!["deleted-vault"]!["kv-orders-dev-0001"].ShouldNotBeNull();
        (await arm.PutVaultAsync()).Json["error"]!["code"]!.GetValue<string>().ShouldBe("ConflictError");
        (await arm.SendAsync("GET", Deleted)).Status.ShouldBe(200);
        (await arm.PutVaultAsync(p => p["createMode"] = "recover")).Status.ShouldBe(201);

        sandbox.Time.Advance(2);
        await arm.SendAsync("DELETE", Arm.Vault);
        var purge = await arm.SendAsync("POST", Deleted + "/purge");
        purge.Status.ShouldBe(202);
        var location = new Uri(purge.Header("Location")).PathAndQuery;
        (await arm.SendAsync("GET", location)).Status.ShouldBe(202);
        sandbox.Time.Advance(2);
        (await arm.SendAsync("GET", location)).Status.ShouldBe(200);
        (await arm.SendAsync("GET", Deleted)).Status.ShouldBe(404);
        (await arm.PutVaultAsync()).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Protected_vault_cannot_be_purged()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        await arm.PutVaultAsync(p => p["enablePurgeProtection"] = true);
        await arm.SendAsync("DELETE", Arm.Vault);
        var purge = await arm.SendAsync("POST", Deleted + "/purge");
        purge.Status.ShouldBe(405);
        purge.Json["error"]!["message"]!.GetValue<string>().ShouldBe("Operation 'DeletedVaultPurge' is not allowed.");
    }

    [Theory]
    [InlineData("enablePurgeProtection", "false", 400, "BadRequest")]
    [InlineData("enableSoftDelete", "false", 400, "BadRequest")]
    [InlineData("softDeleteRetentionInDays", "6", 400, "BadRequest")]
    [InlineData("sku", "null", 400, "BadRequest")]
    public async Task Impossible_settings_are_refused(string property, string value, int status, string code)
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var answer = await arm.PutVaultAsync(p => p[property] = JsonNode.Parse(value));
        answer.Status.ShouldBe(status);
        answer.Json["error"]!["code"]!.GetValue<string>().ShouldBe(code);
    }

    [Fact]
    public async Task Names_are_taken_all_over_the_world()
    {
        await using var sandbox = await SandboxFixture.StartAsync();
        var arm = await Arm.LoginAsync(sandbox);
        await arm.PutGroupAsync();
        var taken = await arm.PutVaultAsync(path: Arm.Vault.Replace("kv-orders-dev-0001", "KV-Shared", StringComparison.Ordinal));
        taken.Status.ShouldBe(409);
        taken.Json["error"]!["code"]!.GetValue<string>().ShouldBe("VaultAlreadyExists");
        var check = await arm.SendAsync(
            "POST",
            "/subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.KeyVault/checkNameAvailability",
            new JsonObject { ["name"] = "kv-shared", ["type"] = "Microsoft.KeyVault/vaults" });
        check.Json["reason"]!.GetValue<string>().ShouldBe("AlreadyExists");
    }
}
