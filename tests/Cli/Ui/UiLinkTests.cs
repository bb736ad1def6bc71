using Onramp.Cli.Api;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Workflows.Contracts;
using Serilog.Events;
using Temporalio.Client;

namespace Onramp.Cli.Tests.Ui;

/// <summary>With the web UI served, what the API answers leads to a page that is there, and the worker answers what it asks.</summary>
public sealed class UiLinkTests : IAsyncLifetime
{
    private const string Page = "<!doctype html><title>Temporal</title>";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onramp-ui-links-");
    private readonly Logs logs = new(new LogSettings(LogEventLevel.Fatal, Json: false, File: null));
    private OnrampStack stack = null!;
    private OnrampApi api = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "index.html"), Page);
        stack = await OnrampStack.StartAsync(
            new StackOptions { Api = EndPoints.FreeLoopback, Temporal = EndPoints.FreeLoopback, Ui = new UiPlace(EndPoints.FreeLoopback, folder.FullName) },
            new TemporalSettings(), logs, CancellationToken.None);
        api = new OnrampApi(stack.Api, token: null);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await stack.DisposeAsync();
        logs.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_request_leads_to_the_runs_page()
    {
        var accepted = await api.RequestAsync(Request("linked"), idempotencyKey: null, CancellationToken.None);
        using var browser = new HttpClient();

        (accepted.RunPage!.StartsWith(stack.Ui!.ToString(), StringComparison.Ordinal), await browser.GetStringAsync(accepted.RunPage)).ShouldBe((true, Page));
    }

    [Fact]
    public async Task The_stack_of_a_run_that_waits_can_be_asked_for()
    {
        var accepted = await api.RequestAsync(Request("stacked"), idempotencyKey: null, CancellationToken.None);
        await foreach (var happened in api.FollowAsync(accepted.Id, CancellationToken.None))
        {
            if (happened.Data.Contains(nameof(OnboardingPhase.AwaitingApproval), StringComparison.Ordinal))
                break;
        }
        var temporal = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(stack.TemporalAddress));

        var trace = await temporal.GetWorkflowHandle($"onboarding-{accepted.Id}").QueryAsync<string>("__stack_trace", []);

        trace.ShouldContain("ApprovalGate");
    }

    private static ServiceRequest Request(string name) => new() { Name = name, Team = "payments", Environment = Vocabulary.Staging, Requester = "grace", CostCenter = "cc-42" };
}
