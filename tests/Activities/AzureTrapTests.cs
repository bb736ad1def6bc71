using System.Text.Json.Nodes;
using Onramp.Activities.Azure;
using Onramp.Activities.Common;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Planning;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What Azure does to those who don't look.</summary>
public sealed class AzureTrapTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string AcrPush = "8311e382-0749-4cb8-b61a-304f252e45ec";
    private static readonly (string, string) Protected = ("Onramp:Azure:VaultPurgeProtection", "true");

    [Theory]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "example.com", "cfbff0d1-9375-5685-968c-48ce8b15ae17")]
    [InlineData(
        "11fb06fb-712d-4ddd-98c7-e71bbd588830",
        "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg-orders-dev|22222222-2222-2222-2222-222222222222|7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "66f87b3d-aea4-5ff3-8326-aeb8c8662fc9")]
    public void Deterministic_guids_are_version_5(string @namespace, string name, string expected) =>
        DeterministicGuid.Create(new Guid(@namespace), name).ToString().ShouldBe(expected);

    [Fact]
    public void The_name_of_an_assignment_ignores_the_case_of_its_scope() =>
        AccessActivities.AssignmentName("/Subscriptions/A", "p", "r").ShouldBe(AccessActivities.AssignmentName("/subscriptions/a", "p", "r"));

    [Fact]
    public async Task A_group_of_another_owner_is_refused_and_left_alone()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await others.AzureAsync("PUT", Group(run), new JsonObject { ["location"] = "uksouth", ["tags"] = new JsonObject { ["team"] = "others" } });

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.ResourceGroup))).ErrorType.ShouldBe(ErrorTypes.OwnedByOther);
        await run.UndoAllAsync();

        (await others.AzureAsync("GET", Group(run)))!["tags"]!["team"]!.ToString().ShouldBe("others");
    }

    [Fact]
    public async Task A_group_that_others_put_things_into_is_not_deleted()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        var result = await run.DoAsync(StepIds.ResourceGroup);
        var theirs = Group(run).Replace("?api-version=2024-03-01", "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs?api-version=2024-11-30");
        await others.AzureAsync("PUT", theirs, new JsonObject { ["location"] = "uksouth" });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.DeleteResourceGroup, [run.Input(StepIds.ResourceGroup), result]));

        failure.ErrorType.ShouldBe(ErrorTypes.Conflict);
        failure.NonRetryable.ShouldBeFalse();
        failure.Message.ShouldContain("theirs");
    }

    [Fact]
    public async Task A_vault_name_taken_by_somebody_else_gives_way_to_the_next()
    {
        var options = SandboxSettings.Fast();
        var first = NameDeriver.KeyVault("orders", "dev", options.Seed.SubscriptionId, 0);
        options.Seed.VaultNamesTakenElsewhere = [first];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);

        await run.DoAsync(StepIds.KeyVault);

        run.Names.KeyVaults[0].ShouldBe(first);
        run.Facts[StepFacts.VaultName].ShouldBe(run.Names.KeyVaults[1]);
    }

    [Fact]
    public async Task Every_vault_name_taken_is_the_end()
    {
        var options = SandboxSettings.Fast();
        options.Seed.VaultNamesTakenElsewhere =
            [.. Enumerable.Range(0, NameDeriver.MaxKeyVaultNames).Select(n => NameDeriver.KeyVault("orders", "dev", options.Seed.SubscriptionId, n))];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.KeyVault))).ErrorType.ShouldBe(ErrorTypes.NameTaken);
    }

    [Fact]
    public async Task P05_a_vault_deleted_by_an_earlier_run_is_brought_back()
    {
        await using var first = await fixture.StartAsync();
        await using var earlier = SandboxRun.Create(fixture.Sandbox, runId: "run-1", settings: [Protected]);
        await earlier.DoAsync(StepIds.ResourceGroup);
        await earlier.DoAsync(StepIds.KeyVault);
        await earlier.UndoAllAsync();
        await using var later = SandboxRun.Create(fixture.Sandbox, runId: "run-2", settings: [Protected]);
        await later.DoAsync(StepIds.ResourceGroup);

        await later.DoAsync(StepIds.KeyVault);

        later.Facts[StepFacts.VaultName].ShouldBe(later.Names.KeyVaults[0]);
        await later.UndoAllAsync();
        (await later.KeysAsync()).ShouldNotContain(k => k.Contains("vaults/kv-orders", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task What_stays_of_a_vault_that_may_not_be_purged_is_told_and_is_in_nobodys_way(string protection, bool left)
    {
        await using var first = await fixture.StartAsync();
        await using var run = SandboxRun.Create(fixture.Sandbox, settings: ("Onramp:Azure:VaultPurgeProtection", protection));
        await run.DoAsync(StepIds.ResourceGroup);
        await run.DoAsync(StepIds.KeyVault);

        await run.UndoAllAsync();

        run.Left.Select(l => (l.Left!.Contains(run.Names.KeyVaults[0]), l.IsInTheWay)).ShouldBe(left ? [(true, false)] : []);
    }

    [Fact]
    public async Task A_provider_that_is_not_registered_gets_registered()
    {
        var options = SandboxSettings.Fast();
        options.Seed.UnregisteredProviders = ["Microsoft.KeyVault"];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);

        await run.DoAsync(StepIds.KeyVault);

        run.LastFailure!.Message.ShouldContain("being registered");
    }

    [Fact]
    public async Task An_assignment_that_somebody_else_made_is_used_and_left()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.ResourceGroup);
        await run.DoAsync(StepIds.Identity);
        var scope = run.Platform.Azure.RegistryId;
        var theirs = $"{scope}/providers/Microsoft.Authorization/roleAssignments/99999999-9999-4999-8999-999999999999?api-version=2022-04-01";
        await others.AzureAsync("PUT", theirs, new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["roleDefinitionId"] = $"/subscriptions/{run.Platform.Azure.SubscriptionId}/providers/Microsoft.Authorization/roleDefinitions/{AcrPush}",
                ["principalId"] = run.Facts[StepFacts.PipelinePrincipalId],
                ["principalType"] = "ServicePrincipal",
            },
        });

        var result = await run.DoAsync(StepIds.RegistryAccess);
        result.Resources.Select(r => r.Created).ShouldBe([false, true]);
        await run.UndoAllAsync();

        await others.AzureAsync("GET", theirs);
    }

    [Fact]
    public async Task A_registry_in_abac_mode_gets_the_role_that_it_honours()
    {
        var options = SandboxSettings.Fast();
        options.Seed.RegistryAbac = true;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);
        await run.DoAsync(StepIds.Identity);

        await run.DoAsync(StepIds.RegistryAccess);

        var state = await run.StateAsync();
        state.ShouldContain("2a1e307c-b015-4ebd-883e-5b7698a07328");
        state.ShouldContain("payments/orders/");
        state.ShouldNotContain(AcrPush);
    }

    [Fact]
    public async Task Throttling_becomes_the_delay_of_the_next_attempt()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "azure",
            ["route"] = "/subscriptions/{**path}",
            ["action"] = "fail",
            ["status"] = 429,
            ["times"] = 5,
            ["headers"] = new JsonObject { ["Retry-After"] = "1" },
        });

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.CreateResourceGroup, [run.Input(StepIds.ResourceGroup)]));

        failure.ErrorType.ShouldBe(ErrorTypes.RateLimited);
        failure.NextRetryDelay.ShouldBe(TimeSpan.FromSeconds(1));
    }

    private static string Group(SandboxRun run) =>
        $"/subscriptions/{run.Platform.Azure.SubscriptionId}/resourceGroups/{run.Names.ResourceGroup}?api-version=2024-03-01";
}
