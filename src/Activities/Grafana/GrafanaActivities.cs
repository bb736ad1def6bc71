using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.Grafana;

/// <summary>
/// Folder, dashboard and alerts. The folder is the whole team's and can carry no mark, so what was there is noted before it is
/// made, and it is removed only when this run made it and nobody uses it.
/// </summary>
public sealed class GrafanaActivities
{
    private readonly GrafanaClient grafana;

    internal GrafanaActivities(GrafanaClient grafana) => this.grafana = grafana;

    [Activity(ActivityNames.CreateDashboardFolder)]
    public async Task<StepResult> CreateFolderAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var folder = await FindFolderAsync(input, cancellationToken);
        // Twice when it isn't seen: what was absent is removed when all is undone.
        if (!input.Facts.TryGetValue(StepFacts.FolderBefore, out var before))
            return Found(StepFacts.FolderBefore, (folder ?? await FindFolderAsync(input, cancellationToken)) is not null);
        folder ??= await MakeFolderAsync(input, cancellationToken);
        var created = before == "absent" && folder == input.Names.DashboardFolderUid;
        return Done(new StepResource("folder", folder, "", created), $"{Url(input)}/dashboards/f/{folder}");
    }

    [Activity(ActivityNames.DeleteDashboardFolder)]
    public async Task<UndoResult> DeleteFolderAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var uid = input.Names.DashboardFolderUid;
        if (input.Facts.TryGetValue(StepFacts.FolderBefore, out var before) && before == "absent"
            && await grafana.HasFolderAsync(uid, cancellationToken)
            && !await grafana.IsFolderInUseAsync(uid, cancellationToken))
        {
            await grafana.DeleteFolderAsync(uid, cancellationToken);
        }
        return Undone;
    }

    [Activity(ActivityNames.CreateDashboard)]
    public async Task<StepResult> CreateDashboardAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var uid = input.Names.DashboardUid;
        var found = await grafana.FindDashboardAsync(uid, cancellationToken);
        if (found is not null && !IsOwn(found, input.Key))
            throw Failures.Of(ErrorTypes.OwnedByOther, "Grafana", $"dashboard {uid} belongs to another owner");
        if (await FolderAsync(input, cancellationToken) is not { } folder)
            return Found(StepFacts.FolderBefore, present: false);
        var message = $"onboarding {input.Key.WorkflowId}";
        var path = await grafana.TryPutDashboardAsync(RedDashboard.Build(input), found, folder, message, cancellationToken)
            ?? await grafana.TryPutDashboardAsync(RedDashboard.Build(input, ownTitle: true), found, folder, message, cancellationToken)
            ?? throw Failures.Of(ErrorTypes.NameTaken, "Grafana", $"dashboards of the folder {folder} have every title that {uid} can have", "Rename one of them.");
        var url = Url(input) + path;
        return Done(new StepResource("dashboard", uid, "", Created: true), url, (StepFacts.DashboardUrl, url));
    }

    [Activity(ActivityNames.DeleteDashboard)]
    public async Task<UndoResult> DeleteDashboardAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var uid = input.Names.DashboardUid;
        if (await grafana.FindDashboardAsync(uid, cancellationToken) is { } found && IsOwn(found, input.Key))
            await grafana.DeleteDashboardAsync(uid, cancellationToken);
        return Undone;
    }

    [Activity(ActivityNames.CreateAlertRules)]
    public async Task<StepResult> CreateRulesAsync(StepInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var there = new HashSet<string>(StringComparer.Ordinal);
        foreach (var uid in AlertRules.Uids(input))
        {
            if (await grafana.FindRuleAsync(uid, cancellationToken) is not { } found)
                continue;
            if (found.At("labels").Text(AlertRules.RunLabel) != input.Key.ShortMark)
                throw Failures.Of(ErrorTypes.OwnedByOther, "Grafana", $"alert rule {uid} belongs to another owner");
            there.Add(uid);
        }
        if (await FolderAsync(input, cancellationToken) is not { } folder)
            return Found(StepFacts.FolderBefore, present: false);
        foreach (var rule in AlertRules.Build(input, folder))
            await grafana.PutRuleAsync(rule, there.Contains(rule.Text("uid")!), cancellationToken);
        return Done([.. AlertRules.Uids(input).Select(uid => new StepResource("alert rule", uid, "", Created: true))], $"{Url(input)}/alerting/list");
    }

    [Activity(ActivityNames.DeleteAlertRules)]
    public async Task<UndoResult> DeleteRulesAsync(StepInput input, StepResult? result)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        foreach (var uid in AlertRules.Uids(input))
        {
            if (await grafana.FindRuleAsync(uid, cancellationToken) is { } found && found.At("labels").Text(AlertRules.RunLabel) == input.Key.ShortMark)
                await grafana.DeleteRuleAsync(uid, cancellationToken);
        }
        return Undone;
    }

    /// <summary>
    /// The team's folder for something to be put into. Another run that made it and is undone takes it away while nothing is in it; then
    /// it is made again, once the workflow has kept that it was absent: until then null.
    /// </summary>
    private async Task<string?> FolderAsync(StepInput input, CancellationToken cancellationToken)
    {
        if (await FindFolderAsync(input, cancellationToken) is { } folder)
            return folder;
        var mayMake = input.Facts.TryGetValue(StepFacts.FolderBefore, out var before) && before == "absent";
        return mayMake ? await MakeFolderAsync(input, cancellationToken) : null;
    }

    /// <summary>Uid of the team's folder: the one that we would make, or else one of the same title that people made.</summary>
    private async Task<string?> FindFolderAsync(StepInput input, CancellationToken cancellationToken)
    {
        var uid = input.Names.DashboardFolderUid;
        return await grafana.HasFolderAsync(uid, cancellationToken) ? uid : await grafana.FindFolderAsync(FolderTitle(input), cancellationToken);
    }

    private async Task<string> MakeFolderAsync(StepInput input, CancellationToken cancellationToken)
    {
        var uid = input.Names.DashboardFolderUid;
        if (await grafana.CreateFolderAsync(uid, FolderTitle(input), cancellationToken))
            return uid;
        return await FindFolderAsync(input, cancellationToken)
            ?? throw Failures.Of(ErrorTypes.Conflict, "Grafana", $"a folder is in the way of '{FolderTitle(input)}' ({uid}), and can't be seen");
    }

    private static string FolderTitle(StepInput input) => $"Team {input.Request.Team}";

    internal static bool IsOwn(System.Text.Json.Nodes.JsonObject dashboard, StepKey key) =>
        dashboard.Items("tags").Any(t => t?.ToString() == RedDashboard.RunTag(key));

    private static string Url(StepInput input) => input.Platform.Grafana.Url.TrimEnd('/');
}
