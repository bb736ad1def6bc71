using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Testing;
using Temporalio.Worker;

namespace Onramp.Activities.Tests;

/// <summary>Workflow, worker, embedded server, activities and sandbox together, in one process.</summary>
public sealed class WholeRunTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>, IAsyncLifetime
{
    private WorkflowEnvironment? environment;

    public async Task InitializeAsync() => environment = await WorkflowEnvironment.StartLocalAsync(new WorkflowEnvironmentStartLocalOptions
    {
        SearchAttributes = [.. OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword)],
    });

    public async Task DisposeAsync() => await environment!.DisposeAsync();

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
    public async Task No_secret_reaches_history()
    {
        await using var run = await StartAsync(SandboxRun.Orders);
        await run.AddFaultAsync(new JsonObject { ["action"] = "fail", ["status"] = 500, ["times"] = 10, ["skip"] = 10 });
        var handle = await BeginAsync(run, async h => await h.GetResultAsync());

        var history = (await handle.FetchHistoryAsync()).ToJson();
        var text = history + Decoded(history);

        var credentials = fixture.Sandbox.Options.Credentials;
        string?[] secrets =
        [
            credentials.GitHubToken, credentials.KubernetesToken, credentials.AzureClientSecret, credentials.GrafanaToken,
            credentials.CatalogToken, credentials.SlackWebhookSecret, credentials.TeamsWebhookSignature, credentials.MailToken,
            credentials.PagerDutyRoutingKey,
        ];
        secrets.ShouldAllBe(s => !text.Contains(s!, StringComparison.Ordinal));
    }

    private async Task<SandboxRun> StartAsync(ServiceRequest request)
    {
        var run = SandboxRun.Create(
            fixture.Sandbox,
            request,
            settings:
            [
                ("Onramp:Onboarding:Timing:PollInterval", "00:00:00.02"),
                ("Onramp:Onboarding:Timing:PollMaximum", "00:00:00.1"),
                ("Onramp:Onboarding:Timing:RetryInterval", "00:00:00.02"),
                ("Onramp:Onboarding:Timing:RetryMaximum", "00:00:00.1"),
            ]);
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }

    private async Task<OnboardingProgress> ExecuteAsync(SandboxRun run)
    {
        OnboardingProgress? progress = null;
        await BeginAsync(run, async handle => progress = await handle.GetResultAsync());
        return progress!;
    }

    private async Task<WorkflowHandle> BeginAsync(
        SandboxRun run, Func<WorkflowHandle<OnboardServiceWorkflow, OnboardingProgress>, Task> watch)
    {
        var options = new TemporalWorkerOptions($"onboarding-{Stopwatch.GetTimestamp()}").AddWorkflow<OnboardServiceWorkflow>();
        foreach (var type in OnrampActivities.Types)
            options.AddAllActivities(type, run.Service(type));
        using var worker = new TemporalWorker(environment!.Client, options);
        return await worker.ExecuteAsync(async () =>
        {
            var handle = await environment.Client.StartWorkflowAsync(
                (OnboardServiceWorkflow w) => w.RunAsync(run.Request),
                new WorkflowOptions(OnboardingContract.WorkflowId(run.Request.Name, run.Request.Environment), options.TaskQueue!));
            await watch(handle);
            return (WorkflowHandle)handle;
        });
    }

    /// <summary>All payloads of a history in the clear.</summary>
    private static string Decoded(string history) => string.Join("\n", System.Text.RegularExpressions.Regex
        .Matches(history, "\"data\":\\s*\"([A-Za-z0-9+/=]+)\"")
        .Select(m => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value))));
}
