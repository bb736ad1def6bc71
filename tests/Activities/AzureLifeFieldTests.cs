using System.Diagnostics;
using System.Text.Json.Nodes;
using Azure;
using Onramp.Activities.Azure;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What a subscription in use does: logins that fail for a while, limits, subscriptions and groups that go, making that fails later.</summary>
public sealed class AzureLifeFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Vaults = "Microsoft.KeyVault/vaults";

    [Theory]
    [InlineData(503, null, ErrorTypes.Transient)]
    [InlineData(502, "<html>Bad Gateway</html>", ErrorTypes.Transient)]
    [InlineData(429, null, ErrorTypes.RateLimited)]
    [InlineData(401, null, ErrorTypes.PermissionDenied)]
    public async Task A_login_that_fails_says_whether_time_heals_it(int status, string? body, string type)
    {
        await using var run = await fixture.StartAsync();
        var fault = new JsonObject { ["system"] = "login", ["action"] = "fail", ["status"] = status, ["times"] = 10, ["headers"] = new JsonObject { ["Retry-After"] = "7" } };
        if (body is not null)
            fault["body"] = body;
        await run.AddFaultAsync(fault);

        (await FailAsync(run)).ErrorType.ShouldBe(type);
    }

    [Fact]
    public async Task A_limit_is_left_to_whoever_waits_without_holding_a_worker()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "azure", ["method"] = "GET", ["action"] = "fail", ["status"] = 429, ["times"] = 10, ["headers"] = new JsonObject { ["Retry-After"] = "5" },
        });
        var began = Stopwatch.GetTimestamp();

        var failure = await FailAsync(run);

        (failure.NextRetryDelay, Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(4)).ShouldBe((TimeSpan.FromSeconds(5), true));
    }

    [Theory]
    [InlineData(409, "ReadOnlyDisabledSubscription", ErrorTypes.PolicyDenied)]
    [InlineData(403, "RequestDisallowedByAzure", ErrorTypes.PolicyDenied)]
    [InlineData(403, "DenyAssignmentAuthorizationFailed", ErrorTypes.PolicyDenied)]
    [InlineData(409, "ResourceGroupQuotaExceeded", ErrorTypes.QuotaExceeded)]
    [InlineData(400, "RoleAssignmentScopeLimitExceeded", ErrorTypes.QuotaExceeded)]
    [InlineData(409, "ScopeLocked", ErrorTypes.PolicyDenied)]
    [InlineData(409, "OperationNotAllowed", ErrorTypes.Conflict)]
    [InlineData(409, "AnotherOperationInProgress", ErrorTypes.Transient)]
    [InlineData(400, "LocationNotAvailableForResourceGroup", ErrorTypes.Validation)]
    public async Task A_refusal_means_what_its_code_says(int status, string code, string type)
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "azure", ["method"] = "PUT", ["action"] = "fail", ["status"] = status,
            ["body"] = new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = "no" } },
        });

        (await FailAsync(run)).ErrorType.ShouldBe(type);
    }

    [Theory]
    [InlineData(404, "ResourceGroupNotFound", 1, ErrorTypes.Transient)]
    [InlineData(404, "ResourceGroupNotFound", 6, ErrorTypes.NotFound)]
    [InlineData(404, "ParentResourceNotFound", 6, ErrorTypes.NotFound)]
    [InlineData(400, "PrincipalNotFound", 6, ErrorTypes.Transient)]
    [InlineData(400, "PrincipalNotFound", 11, ErrorTypes.NotFound)]
    public void What_isnt_seen_for_minutes_is_not_there(int status, string code, int minutes, string type) =>
        AzureErrors.Classify(new RequestFailedException(status, "not found", code, null), "PUT", TimeSpan.FromMinutes(minutes)).ErrorType.ShouldBe(type);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_failed_after_it_was_accepted_is_asked_for_again(int times)
    {
        await using var sandbox = await SandboxHost.StartAsync(Failing(times));
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);

        (await run.DoAsync(StepIds.KeyVault)).Ready.ShouldBeTrue();
    }

    [Fact]
    public async Task What_fails_again_and_again_ends_the_step_by_its_name()
    {
        await using var sandbox = await SandboxHost.StartAsync(Failing(1000));
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.KeyVault))).Message.ShouldContain($"vault {run.Names.KeyVaults[0]}");
    }

    [Fact]
    public async Task A_vault_that_comes_back_keeps_the_days_that_it_was_made_with()
    {
        await using var earlier = await StartProtectedAsync("run-1", "7", privately: true);
        await earlier.ResetAsync();
        await earlier.DoAsync(StepIds.ResourceGroup);
        await earlier.DoAsync(StepIds.KeyVault);
        await earlier.UndoAllAsync();
        await using var later = await StartProtectedAsync("run-2", "30", privately: false);
        await later.DoAsync(StepIds.ResourceGroup);

        (await later.DoAsync(StepIds.KeyVault)).Ready.ShouldBeTrue();
    }

    private Task<SandboxRun> StartProtectedAsync(string id, string days, bool privately) => Task.FromResult(SandboxRun.Create(fixture.Sandbox, runId: id, settings:
    [
        ("Onramp:Azure:VaultPurgeProtection", "true"), ("Onramp:Azure:VaultRetentionDays", days), ("Onramp:Azure:VaultPrivateEndpoints", privately ? "true" : "false"),
    ]));

    private static SandboxOptions Failing(int times)
    {
        var options = SandboxSettings.Fast();
        options.Seed.ProvisioningFailures[Vaults] = times;
        return options;
    }

    private static async Task<ApplicationFailureException> FailAsync(SandboxRun run) =>
        await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(ActivityNames.CreateResourceGroup, [run.Input(StepIds.ResourceGroup)]));
}
