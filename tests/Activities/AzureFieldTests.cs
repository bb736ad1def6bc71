using System.Text.Json.Nodes;
using Onramp.Activities.Azure;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What people who automate Azure ran into; each test is named by its case.</summary>
public sealed class AzureFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    public static TheoryData<string> AzureSteps =>
        [StepIds.ResourceGroup, StepIds.Identity, StepIds.KeyVault, StepIds.VaultAccess, StepIds.RegistryAccess, StepIds.Federation];

    [Theory]
    [InlineData("Microsoft.ManagedIdentity")]
    [InlineData("Microsoft.KeyVault")]
    public async Task F07_a_provider_that_is_not_registered_is_registered_whichever_call_meets_it(string provider)
    {
        var options = SandboxSettings.Fast();
        options.Seed.UnregisteredProviders = [provider];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);

        await run.DoUntilAsync(StepIds.Verification);

        (await PathsAsync(run)).Count(p => p.EndsWith($"/providers/{provider}/register", StringComparison.OrdinalIgnoreCase)).ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(AzureSteps))]
    public async Task F07_every_azure_step_registers_what_a_refusal_names(string step)
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(step);
        await run.AddFaultAsync(Refusal(409, "MissingSubscriptionRegistration", "The subscription is not registered to use namespace 'Microsoft.Authorization'."));

        await run.DoAsync(step);

        (await PathsAsync(run)).ShouldContain(p => p.EndsWith("/providers/Microsoft.Authorization/register"));
    }

    [Theory]
    [MemberData(nameof(AzureSteps))]
    public async Task F10_a_right_that_was_granted_a_moment_ago_is_waited_for(string step)
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(step);
        await run.AddFaultAsync(new JsonObject { ["system"] = "azure", ["route"] = "/subscriptions/{**path}", ["action"] = "fail", ["status"] = 403, ["times"] = 3 });

        await run.DoAsync(step);

        run.LastFailure!.ErrorType.ShouldBe(ErrorTypes.Transient);
    }

    [Theory]
    [InlineData(0, ErrorTypes.Transient)]
    [InlineData(4, ErrorTypes.Transient)]
    [InlineData(6, ErrorTypes.PermissionDenied)]
    public void F10_a_right_that_is_still_missing_after_minutes_is_told(int minutes, string type)
    {
        var refused = new global::Azure.RequestFailedException(403, "no authorization to perform action 'x/write'", "AuthorizationFailed", null);

        AzureErrors.Classify(refused, "PUT x", TimeSpan.FromMinutes(minutes)).ErrorType.ShouldBe(type);
    }

    [Fact]
    public async Task Reads_that_lag_hide_nothing_that_this_run_made_from_its_undo()
    {
        var options = SandboxSettings.Fast();
        options.AzureReadLag = TimeSpan.FromMilliseconds(400);
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox, settings: [("Onramp:Azure:AbsenceConfirmation", "00:00:00.6")]);
        var before = await run.StateAsync();
        await run.DoAsync(StepIds.ResourceGroup);
        await run.DoAsync(StepIds.Identity);
        await run.CallAsync(ActivityNames.CreateKeyVault, [run.Input(StepIds.KeyVault)]);

        await run.CallUndoAsync(StepIds.KeyVault);
        await run.UndoAllAsync();

        (await run.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Reads_that_lag_do_not_let_a_group_be_deleted_that_others_use_by_now()
    {
        await using var run = await fixture.StartAsync();
        using var others = new SandboxApi(fixture.Sandbox);
        var result = await run.DoAsync(StepIds.ResourceGroup);
        var theirs = $"{run.Facts[StepFacts.ResourceGroupId]}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs?api-version=2024-11-30";
        await others.AzureAsync("PUT", theirs, new JsonObject { ["location"] = "uksouth" }, untilSeen: false);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => run.CallAsync(ActivityNames.DeleteResourceGroup, [run.Input(StepIds.ResourceGroup), result]));

        failure.Message.ShouldContain("theirs");
    }

    private static JsonObject Refusal(int status, string code, string message) => new()
    {
        ["system"] = "azure",
        ["route"] = "/subscriptions/{**path}",
        ["action"] = "fail",
        ["status"] = status,
        ["body"] = new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } },
    };

    private static async Task<IReadOnlyList<string>> PathsAsync(SandboxRun run) => [.. (await run.LedgerAsync()).Select(e => e!["path"]!.ToString())];
}
