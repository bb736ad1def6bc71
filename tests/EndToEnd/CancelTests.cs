using Onramp.Workflows.Contracts;

namespace Onramp.EndToEnd.Tests;

/// <summary>A cancel arrives wherever the run is, and leaves nothing.</summary>
public sealed class CancelTests(StackFixture stack) : IClassFixture<StackFixture>
{
    /// <summary>Longer than a cancel may take, and shorter than the longest call: a run that waits for the call's end is late.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("github", "PUT", "/repos/{owner}/{repo}/environments/{environment}")]
    [InlineData("azure", "PUT", "/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}")]
    [InlineData("kubernetes", "POST", "/api/v1/namespaces")]
    [InlineData("grafana", "POST", "/api/dashboards/db")]
    public async Task P02_a_call_that_gets_no_answer_is_given_up_within_seconds(string system, string method, string route) =>
        await CancelledAsync("slow", new { system, method, route, action = "delay", delayMilliseconds = 60_000, times = 1 });

    [Fact]
    public async Task P03_a_wait_that_a_limit_asks_for_is_given_up_at_once() => await CancelledAsync("limited", new
    {
        system = "github", method = "PUT", route = "/repos/{owner}/{repo}/topics", action = "fail", status = 429, times = 1000,
        headers = new Dictionary<string, string> { ["Retry-After"] = "60" },
    });

    private async Task CancelledAsync(string name, object fault)
    {
        await stack.Sandbox.ResetAsync();
        var before = await stack.Sandbox.StateAsync();
        await stack.Sandbox.FaultAsync(fault);
        try
        {
            var accepted = await stack.Api.RequestAsync(StackFixture.Request(name), idempotencyKey: null, CancellationToken.None);
            using var limit = new CancellationTokenSource(StackFixture.RunLimit);
            while (await stack.Sandbox.FaultsMetAsync() == 0)
                await Task.Delay(20, limit.Token);
            await stack.Sandbox.ClearFaultsAsync();
            var asked = TimeProvider.System.GetUtcNow();
            await stack.Api.CancelAsync(accepted.Id, CancellationToken.None);
            var view = await stack.EndAsync(accepted.Id);

            (view.Progress.Phase, view.Progress.EndedAt - asked < Soon).ShouldBe((OnboardingPhase.Cancelled, true), $"{view.Progress.EndedAt - asked} {StackFixture.Describe(view)}");
            (await stack.Sandbox.StateAsync()).ShouldBe(before);
        }
        finally
        {
            await stack.Sandbox.ClearFaultsAsync();
        }
    }
}
