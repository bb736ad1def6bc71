using System.CommandLine;
using System.Text.Json;
using Onramp.Cli.Api;
using Onramp.Cli.Options;
using Onramp.Cli.Output;
using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;
using Spectre.Console;

namespace Onramp.Cli.Commands;

/// <summary>What teams do: ask, look, follow, call off.</summary>
internal static class UserCommands
{
    public static Command Create()
    {
        var command = new Command("create", "Ask for a service");
        var request = new RequestOptions();
        var key = new Option<string?>("--key") { Description = "Idempotency key: the same key gives the same run", HelpName = "KEY" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Follow the run to its end" };
        request.AddTo(command);
        command.Add(key);
        command.Add(watch);
        return WithApi(command, async (api, result, cancellationToken) =>
        {
            var body = request.Read(result);
            if (body.Requester.Length == 0 && api.IsAnonymous)
                body = body with { Requester = Environment.UserName };
            var accepted = await api.RequestAsync(body, result.GetValue(key), cancellationToken);
            var console = Terminal.Create();
            console.WriteLine(accepted.Started ? $"Asked for {accepted.Id}." : $"{accepted.Id} was asked for before; this is its run.");
            if (result.GetValue(watch))
                return await FollowAsync(console, api, accepted.Id, cancellationToken);
            console.WriteLine($"Follow it: onramp watch {accepted.Id}");
            if (accepted.RunPage is { } page)
                ServicePrinter.PrintLink(console, "In Temporal's web UI:", page);
            return ExitCodes.Done;
        });
    }

    public static Command Get()
    {
        var command = new Command("get", "Show one service");
        var id = IdArgument();
        var json = JsonOption();
        command.Add(id);
        command.Add(json);
        return WithApi(command, async (api, result, cancellationToken) =>
        {
            var view = await api.GetAsync(result.GetRequiredValue(id), cancellationToken);
            if (result.GetValue(json))
                PrintJson(view);
            else
                ServicePrinter.Print(Terminal.Create(), view);
            return ExitCodes.Done;
        });
    }

    public static Command List()
    {
        var command = new Command("list", "List services");
        var filters = new Dictionary<string, Option<string?>>(StringComparer.Ordinal)
        {
            ["team"] = new("--team") { Description = "Only those of this team", HelpName = "TEAM" },
            ["environment"] = new("--environment", "-e") { Description = "Only those of this environment", HelpName = "WORD" },
            ["state"] = new("--state") { Description = "Only those in this state: pending, provisioning, completed, failed, or a phase", HelpName = "STATE" },
            ["pageSize"] = new("--page-size") { Description = "Services on a page", HelpName = "N" },
            ["pageToken"] = new("--page-token") { Description = "The page that an earlier one ended with", HelpName = "TOKEN" },
        };
        foreach (var option in filters.Values)
            command.Add(option);
        var json = JsonOption();
        command.Add(json);
        return WithApi(command, async (api, result, cancellationToken) =>
        {
            var page = await api.ListAsync(filters.Select(f => KeyValuePair.Create(f.Key, result.GetValue(f.Value))), cancellationToken);
            if (result.GetValue(json))
            {
                PrintJson(page);
                return ExitCodes.Done;
            }
            var console = Terminal.Create();
            ServicePrinter.PrintList(console, page.Items);
            if (page.NextPageToken is { } next)
                console.WriteLine($"More: --page-token {next}");
            return ExitCodes.Done;
        });
    }

    public static Command Watch()
    {
        var command = new Command("watch", "Follow a run to its end");
        var id = IdArgument();
        command.Add(id);
        return WithApi(command, (api, result, cancellationToken) => FollowAsync(Terminal.Create(), api, result.GetRequiredValue(id), cancellationToken));
    }

    public static Command Cancel()
    {
        var command = new Command("cancel", "Call off a run in flight; what it made is undone");
        var id = IdArgument();
        var watch = new Option<bool>("--watch", "-w") { Description = "Follow the run to its end" };
        command.Add(id);
        command.Add(watch);
        return WithApi(command, async (api, result, cancellationToken) =>
        {
            var view = await api.CancelAsync(result.GetRequiredValue(id), cancellationToken);
            var console = Terminal.Create();
            console.WriteLine($"Cancelling {view.Id}.");
            if (result.GetValue(watch))
                await FollowAsync(console, api, view.Id, cancellationToken);
            return ExitCodes.Done;
        });
    }

    /// <summary>Prints a run to its end; done only when it completed.</summary>
    public static async Task<int> FollowAsync(IAnsiConsole console, OnrampApi api, string id, CancellationToken cancellationToken)
    {
        var printer = new RunPrinter(console);
        await foreach (var happened in api.FollowAsync(id, cancellationToken))
            printer.Print(happened);
        var end = printer.End!;
        console.MarkupLineInterpolated($"[bold]{id}[/] {end.Status.ToString().ToLowerInvariant()}: {end.Message}");
        if (end.Remediation is { Length: > 0 } remediation)
            console.MarkupLineInterpolated($"What to do: {remediation}");
        return end.Status == OnboardingStatus.Completed ? ExitCodes.Done : ExitCodes.Failed;
    }

    internal static Argument<string> IdArgument() => new("ID") { Description = "The service's id, such as orders-development" };

    internal static Command WithApi(Command command, Func<OnrampApi, ParseResult, CancellationToken, Task<int>> run)
    {
        var options = new ApiOptions();
        options.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = options.Connect(result);
            try
            {
                return await run(api, result, cancellationToken);
            }
            catch (ApiProblemException e)
            {
                ServicePrinter.PrintProblem(Console.Error, e.Problem);
                return ExitCodes.Failed;
            }
        });
        return command;
    }

    private static Option<bool> JsonOption() => new("--json") { Description = "Write the answer as JSON" };

    private static void PrintJson<T>(T value) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, new JsonSerializerOptions(ApiJson.Options) { WriteIndented = true }));
}
