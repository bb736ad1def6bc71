using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>Workflow, worker, embedded server, activities and sandbox together, in one process.</summary>
public sealed class WholeRunTests(SandboxFixture fixture) : WholeRunTestBase(fixture), IClassFixture<SandboxFixture>
{
    [Theory]
    [InlineData(Vocabulary.GitOpsFlux)]
    [InlineData(Vocabulary.GitOpsArgoCd)]
    public async Task Onboards_a_service_and_makes_each_thing_once(string gitOps)
    {
        await using var run = await StartAsync(SandboxRun.Orders with { Features = new FeatureRequest { GitOps = gitOps } });

        var progress = await ExecuteAsync(run);

        progress.Status.ShouldBe(OnboardingStatus.Completed, progress.Message);
        progress.Warnings.ShouldBeEmpty();
        progress.Steps.Where(s => s.State is not (StepState.Succeeded or StepState.Skipped)).ShouldBeEmpty();
        (await run.CreatedMoreThanOnceAsync(after: 0)).ShouldBeEmpty();
        var keys = await run.KeysAsync();
        keys.ShouldContain("github repository acme/orders");
        keys.ShouldContain("kubernetes namespaces orders-dev");
        keys.ShouldContain("grafana dashboard svc-orders-dev");
        (await run.LedgerAsync()).Where(e => e!["system"]!.ToString() is "github" or "kubernetes" or "grafana" or "catalog")
            .ShouldAllBe(e => e!["keys"]!["x-correlation-id"]!.ToString().StartsWith("onboarding-orders-development/"));
    }

    [Fact]
    public async Task A_run_that_fails_late_leaves_the_systems_as_they_were()
    {
        await using var run = await StartAsync(SandboxRun.Orders);
        var before = await run.StateAsync();
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github",
            ["method"] = "PUT",
            ["route"] = "/repos/{owner}/{repo}/branches/{branch}/protection",
            ["action"] = "fail",
            ["status"] = 403,
        });

        var failure = await Should.ThrowAsync<WorkflowFailedException>(() => ExecuteAsync(run));

        failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.PermissionDenied);
        (await run.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task F25_what_can_be_known_before_approval_ends_the_run_before_anybody_is_asked()
    {
        await using var run = await StartAsync(SandboxRun.Orders with { Environment = Vocabulary.Production });
        using var team = new SandboxApi(Fixture.Sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });

        var failure = await Should.ThrowAsync<WorkflowFailedException>(() => ExecuteAsync(run));

        failure.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe(ErrorTypes.NameTaken);
        (await run.ToldAsync("chat")).ShouldBeEmpty();
    }

    [Fact]
    public async Task No_secret_reaches_history()
    {
        await using var run = await StartAsync(SandboxRun.Orders);
        await run.AddFaultAsync(new JsonObject { ["action"] = "fail", ["status"] = 500, ["times"] = 10, ["skip"] = 10 });
        var handle = await BeginAsync(run, async h => await h.GetResultAsync());

        var history = (await handle.FetchHistoryAsync()).ToJson();
        var text = history + Decoded(history);

        var credentials = Fixture.Sandbox.Options.Credentials;
        string?[] secrets =
        [
            credentials.GitHubToken, credentials.KubernetesToken, credentials.AzureClientSecret, credentials.GrafanaToken,
            credentials.CatalogToken, credentials.SlackWebhookSecret, credentials.TeamsWebhookSignature, credentials.MailToken,
            credentials.PagerDutyRoutingKey,
        ];
        secrets.ShouldAllBe(s => !text.Contains(s!, StringComparison.Ordinal));
    }

    /// <summary>All payloads of a history in the clear.</summary>
    private static string Decoded(string history) => string.Join("\n", System.Text.RegularExpressions.Regex
        .Matches(history, "\"data\":\\s*\"([A-Za-z0-9+/=]+)\"")
        .Select(m => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value))));
}
