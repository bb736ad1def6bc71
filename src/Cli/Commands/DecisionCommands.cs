using System.CommandLine;
using Onramp.Cli.Output;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Spectre.Console;

namespace Onramp.Cli.Commands;

/// <summary>What approvers do.</summary>
internal static class DecisionCommands
{
    public static Command Approve() => Create("approve", "Approve the plan of a service", "approve");

    public static Command Reject() => Create("reject", "Reject the plan of a service", "reject");

    private static Command Create(string name, string description, string verdict)
    {
        var command = new Command(name, description);
        var id = UserCommands.IdArgument();
        var approver = new Option<string?>("--as") { Description = "Who decides, where the API has no tokens [default: your login]", HelpName = "LOGIN" };
        var groups = new Option<string[]>("--group") { Description = "Group to decide for, where the API has no tokens (repeatable) [default: those asked for]", HelpName = "GROUP", DefaultValueFactory = _ => [] };
        var digest = new Option<string?>("--plan-digest") { Description = "Digest of the plan you have seen [default: the plan shown now]", HelpName = "DIGEST" };
        var comment = new Option<string>("--comment") { Description = "Why", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        command.Add(id);
        foreach (var option in new Option[] { approver, groups, digest, comment, yes })
            command.Add(option);
        return UserCommands.WithApi(command, async (api, result, cancellationToken) =>
        {
            var service = result.GetRequiredValue(id);
            var console = Terminal.Create();
            var view = await api.GetAsync(service, cancellationToken);
            var waiting = view.Progress.Approval?.State == ApprovalStates.Waiting;
            if (waiting)
                PlanPrinter.Print(console, view.Progress);
            if (waiting && Terminal.IsInteractive && !result.GetValue(yes) && !await new ConfirmationPrompt($"Really {verdict}?") { DefaultValue = false }.ShowAsync(console, cancellationToken))
                return ExitCodes.Failed;
            var accepted = await api.DecideAsync(service, new ApprovalBody
            {
                Verdict = verdict,
                PlanDigest = result.GetValue(digest) ?? view.Progress.Plan?.Digest ?? new string('0', 64),
                Approver = api.IsAnonymous ? result.GetValue(approver) ?? Environment.UserName : "",
                Groups = result.GetRequiredValue(groups),
                Comment = result.GetRequiredValue(comment),
            }, cancellationToken);
            console.WriteLine($"{service}: {accepted.Outcome.ToString().ToLowerInvariant()}; the approval is {accepted.State} now.");
            return ExitCodes.Done;
        });
    }
}
