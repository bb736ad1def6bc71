using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Onramp.Cli.Api;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Onramp.Cli.Output;
using Onramp.Cli.Telemetry;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Serilog.Events;
using Spectre.Console;

namespace Onramp.Cli.Commands;

/// <summary>The whole path in one process: everything starts, a sample service is onboarded before your eyes.</summary>
internal static class TryCommand
{
    private const string SampleRequester = "grace";
    private const string SampleApprover = "ada";

    private static readonly TimeSpan OnceTimeout = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var command = new Command("try", "Start everything in one process and onboard a sample service");
        var once = new Option<bool>("--once") { Description = "End when the run has ended: 0 when it completed" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Approve without asking" };
        var name = new Option<string>("--service") { Description = "Name of the sample service", HelpName = "NAME", DefaultValueFactory = _ => "orders" };
        var data = new Option<string?>("--data") { Description = "Keep the data files in this folder [default: a temporary one]", HelpName = "DIR" };
        var api = EndPoints.Option("--api-listen", "Where the HTTP API listens", EndPoints.FreeLoopback);
        var temporal = EndPoints.Option("--temporal-listen", "Where the embedded Temporal server listens", EndPoints.FreeLoopback);
        var sandboxPort = PartOptions.SandboxPort();
        var config = PartOptions.Config();
        var temporalUi = TemporalUiOption.Create();
        var ui = new UiOptions(defaultPort: 0);
        var logOptions = new LogOptions(LogEventLevel.Error);
        foreach (var option in new Option[] { once, yes, name, data, api, temporal, sandboxPort, config })
            command.Add(option);
        command.Add(temporalUi);
        ui.AddTo(command);
        logOptions.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var folder = DataFolder.Open(result.GetValue(data));
            var settings = TemporalSettings.FromEnvironment();
            using var logs = new Logs(logOptions.Read(result));
            using var exporting = Exporting.Start(Environment.GetEnvironmentVariable);
            var options = new StackOptions
            {
                Api = result.GetRequiredValue(api),
                Temporal = result.GetRequiredValue(temporal),
                DataDirectory = folder.Path,
                SandboxPort = result.GetValue(sandboxPort),
                ConfigurationFile = result.GetValue(config),
                Ui = await ui.ReadAsync(result, settings, result.GetValue(data), cancellationToken),
                TemporalUi = TemporalUiOption.Read(result, temporalUi),
            };
            var console = Terminal.Create();
            await using var stack = await OnrampStack.StartAsync(options, settings, logs, cancellationToken);
            PrintStarted(console, stack, folder);
            using var client = new OnrampApi(stack.Api, token: null);
            var isOnce = result.GetValue(once);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var asks = Terminal.IsInteractive && !result.GetValue(yes);
            if (isOnce && !asks)
                patience.CancelAfter(OnceTimeout);
            var completed = await OnboardAsync(console, client, result.GetRequiredValue(name), asks, patience.Token);
            if (isOnce)
                return completed ? ExitCodes.Done : ExitCodes.Failed;
            console.WriteLine("Everything keeps running; look around. Ctrl-C stops it.");
            await Waiting.ForEndAsync(cancellationToken, stack.WorkerCompletion, stack.StoreFailed);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>A sample that policy wants approved: staging.</summary>
    private static ServiceRequest Sample(string name) => new()
    {
        Name = name,
        Team = "payments",
        Environment = Vocabulary.Staging,
        Description = "Takes orders and tells the others about them",
        Requester = SampleRequester,
        CostCenter = "cc-42",
        Notifications = new NotificationRequest { Channel = "#payments", Email = "payments@example.com" },
    };

    private static void PrintStarted(IAnsiConsole console, OnrampStack stack, DataFolder folder)
    {
        console.MarkupLine("[bold]Onramp[/] is up, in this process:");
        foreach (var (name, address) in Addresses.Of(stack))
            console.MarkupLineInterpolated($"  {name,-10} {address}");
        console.MarkupLineInterpolated($"  {"data",-10} {folder.Path}{(folder.IsTemporary ? " (removed at the end)" : "")}");
        console.WriteLine();
    }

    private static async Task<bool> OnboardAsync(IAnsiConsole console, OnrampApi api, string name, bool asks, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var accepted = await api.RequestAsync(Sample(name), idempotencyKey: null, cancellationToken);
            console.MarkupLineInterpolated($"Team payments asks for [bold]{accepted.Id}[/]{(accepted.Started ? "" : " (asked for before; this is its run)")}.");
            if (accepted.RunPage is { } page)
                ServicePrinter.PrintLink(console, "Watch it in Temporal's web UI:", page);
            var printer = new RunPrinter(console);
            var decided = false;
            await foreach (var happened in api.FollowAsync(accepted.Id, cancellationToken))
            {
                printer.Print(happened);
                if (printer.Phase == OnboardingPhase.AwaitingApproval && !decided)
                {
                    decided = true;
                    await DecideAsync(console, api, accepted.Id, asks, cancellationToken);
                }
            }
            return await PrintEndAsync(console, api, accepted.Id, Stopwatch.GetElapsedTime(began), cancellationToken);
        }
        catch (ApiProblemException e)
        {
            ServicePrinter.PrintProblem(Console.Error, e.Problem);
            return false;
        }
    }

    private static async Task DecideAsync(IAnsiConsole console, OnrampApi api, string id, bool asks, CancellationToken cancellationToken)
    {
        var view = await api.GetAsync(id, cancellationToken);
        if (view.Progress.Approval?.State != ApprovalStates.Waiting)
            return;
        PlanPrinter.Print(console, view.Progress);
        var approves = !asks || await new ConfirmationPrompt($"Approve it (as {SampleApprover} of the platform team)?").ShowAsync(console, cancellationToken);
        await api.DecideAsync(id, new ApprovalBody
        {
            Verdict = approves ? "approve" : "reject",
            PlanDigest = view.Progress.Plan!.Digest,
            Approver = SampleApprover,
            Comment = "Given at the terminal by onramp try",
        }, cancellationToken);
        console.MarkupLineInterpolated($"[yellow]◆[/] {(approves ? "Approved" : "Rejected")} by {SampleApprover}{(asks ? "" : ", by itself: there is no terminal to ask at")}.");
    }

    private static async Task<bool> PrintEndAsync(IAnsiConsole console, OnrampApi api, string id, TimeSpan took, CancellationToken cancellationToken)
    {
        var view = await api.GetAsync(id, cancellationToken);
        var completed = view.Progress.Status == OnboardingStatus.Completed;
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
            $"[bold]{id}[/] {view.Progress.Status.ToString().ToLowerInvariant()} in {took.TotalSeconds:0.0} s. {view.Progress.Message}");
        if (view.Progress.Remediation is { Length: > 0 } remediation)
            console.MarkupLineInterpolated($"What to do: {remediation}");
        if (view.Progress.Links.Count > 0)
        {
            console.WriteLine("Look at it:");
            ServicePrinter.PrintLinks(console, view.Progress.Links);
        }
        ServicePrinter.PrintLink(console, "The run itself", $"{api.Address}api/v1/services/{id}");
        if (view.RunPage is { } page)
            ServicePrinter.PrintLink(console, "The run in Temporal's web UI", page);
        return completed;
    }
}
