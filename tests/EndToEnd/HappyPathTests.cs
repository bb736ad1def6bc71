using System.Text.Json;
using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Client;

namespace Onramp.EndToEnd.Tests;

/// <summary>A service from asked for to running.</summary>
public sealed class HappyPathTests(StackFixture stack) : IClassFixture<StackFixture>
{
    [Fact]
    public async Task A_service_that_needs_no_approval_completes_by_itself()
    {
        var view = await stack.OnboardAsync(StackFixture.Request("straight"));
        view.Progress.Status.ShouldBe(OnboardingStatus.Completed, StackFixture.Describe(view));
        view.Progress.Warnings.ShouldBeEmpty();
        view.Progress.Steps.ShouldAllBe(s => s.State == StepState.Succeeded || s.State == StepState.Skipped);
        view.Progress.Approval!.State.ShouldBe(ApprovalStates.NotNeeded);
        view.Progress.Links.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_production_service_completes_once_platform_and_owner_have_approved()
    {
        var accepted = await stack.Api.RequestAsync(StackFixture.Request("guarded", Vocabulary.Production), null, CancellationToken.None);
        var waiting = await stack.PhaseAsync(accepted.Id, OnboardingPhase.AwaitingApproval);
        var before = await stack.Sandbox.StateAsync();
        (await stack.DecideAsync(waiting, "ada", "approve", null, "platform")).State.ShouldBe(ApprovalStates.Waiting);
        (await stack.Sandbox.StateAsync()).ShouldBe(before, "nothing is made before everybody has approved");
        (await stack.DecideAsync(waiting, "linus", "approve", null, "payments")).State.ShouldBe(ApprovalStates.Approved);
        var view = await stack.EndAsync(accepted.Id);
        view.Progress.Status.ShouldBe(OnboardingStatus.Completed, StackFixture.Describe(view));
    }

    [Fact]
    public async Task The_same_request_at_once_and_later_is_one_run_with_each_thing_made_once()
    {
        var request = StackFixture.Request("twice");
        var from = (await stack.Sandbox.LedgerAsync()).LastOrDefault()?.Sequence ?? 0;
        var atOnce = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => stack.Api.RequestAsync(request, null, CancellationToken.None)));
        var view = await stack.EndAsync(atOnce[0].Id);
        view.Progress.Status.ShouldBe(OnboardingStatus.Completed, StackFixture.Describe(view));
        var later = await stack.Api.RequestAsync(request, null, CancellationToken.None);
        atOnce.Append(later).Select(a => a.RunId).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
        later.Started.ShouldBeFalse();
        Ledgers.CreatedTwice(await stack.Sandbox.LedgerAsync(from)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_listener_is_told_every_step_once_and_in_order()
    {
        var accepted = await stack.Api.RequestAsync(StackFixture.Request("followed"), null, CancellationToken.None);
        var told = new Dictionary<string, List<StepState>>(StringComparer.Ordinal);
        await foreach (var happened in stack.Api.FollowAsync(accepted.Id, CancellationToken.None))
        {
            if (happened.Name != "step")
                continue;
            var step = JsonSerializer.Deserialize<StepProgress>(happened.Data, ApiJson.Options)!;
            if (!told.TryGetValue(step.Id, out var states))
                told[step.Id] = states = [];
            if (states.LastOrDefault() != step.State || states.Count == 0)
                states.Add(step.State);
        }
        var view = await stack.Api.GetAsync(accepted.Id, CancellationToken.None);
        var done = view.Progress.Steps.Where(s => s.State == StepState.Succeeded).ToList();
        done.ShouldNotBeEmpty();
        foreach (var step in done)
            told[step.Id].ShouldBe([StepState.Running, StepState.Succeeded], step.Id);
    }

    [Fact]
    public async Task A_cancelled_service_leaves_nothing_behind()
    {
        var before = await stack.Sandbox.StateAsync();
        await stack.Sandbox.FaultAsync(new { system = "grafana", action = "fail", status = 503, times = 1000 });
        var accepted = await stack.Api.RequestAsync(StackFixture.Request("calledoff"), null, CancellationToken.None);
        await stack.PhaseAsync(accepted.Id, OnboardingPhase.CreatingDashboards);
        await stack.Sandbox.ClearFaultsAsync();
        await stack.Api.CancelAsync(accepted.Id, CancellationToken.None);
        var view = await stack.EndAsync(accepted.Id);
        view.Progress.Phase.ShouldBe(OnboardingPhase.Cancelled, StackFixture.Describe(view));
        (await stack.Sandbox.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task No_secret_is_in_any_history()
    {
        var view = await stack.OnboardAsync(StackFixture.Request("secretive"));
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(stack.Stack.TemporalAddress));
        var history = await client.GetWorkflowHandle(view.Progress.WorkflowId, view.Progress.RunId).FetchHistoryAsync();
        var text = history.ToJson();
        var payloads = string.Join('\n', history.Events.Select(e => e.ToString()));
        var credentials = stack.Stack.Sandbox!.Options.Credentials;
        foreach (var secret in new[]
        {
            credentials.GitHubToken, credentials.AzureClientSecret, credentials.KubernetesToken, credentials.GrafanaToken,
            credentials.CatalogToken, credentials.MailToken, credentials.SlackWebhookSecret, credentials.PagerDutyRoutingKey,
        })
        {
            text.ShouldNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret))[..^4]);
            payloads.ShouldNotContain(secret);
            text.ShouldNotContain(secret);
        }
    }
}
