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
        var uid = input.Names.DashboardFolderUid;
        var exists = await grafana.HasFolderAsync(uid, cancellationToken);
        if (!input.Facts.TryGetValue(StepFacts.FolderBefore, out var before))
            return Found(StepFacts.FolderBefore, exists);
        if (!exists)
            await grafana.CreateFolderAsync(uid, $"Team {input.Request.Team}", cancellationToken);
        return Done(new StepResource("folder", uid, "", Created: before == "absent"), $"{Url(input)}/dashboards/f/{uid}");
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
        if (await grafana.FindDashboardAsync(uid, cancellationToken) is { } found && !IsOwn(found, input.Key))
            throw Failures.Of(ErrorTypes.OwnedByOther, "Grafana", $"dashboard {uid} belongs to another owner");
        var path = await grafana.PutDashboardAsync(
            RedDashboard.Build(input), input.Names.DashboardFolderUid, $"onboarding {input.Key.WorkflowId}", cancellationToken);
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
        foreach (var uid in AlertRules.Uids(input))
        {
            if (await grafana.FindRuleAsync(uid, cancellationToken) is { } found && found.At("labels").Text(AlertRules.RunLabel) != input.Key.ShortMark)
                throw Failures.Of(ErrorTypes.OwnedByOther, "Grafana", $"alert rule {uid} belongs to another owner");
        }
        await grafana.PutRuleGroupAsync(input.Names.DashboardFolderUid, input.Names.AlertGroup, AlertRules.Build(input), cancellationToken);
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

    private static bool IsOwn(System.Text.Json.Nodes.JsonObject dashboard, StepKey key) =>
        dashboard.Items("tags").Any(t => t?.ToString() == RedDashboard.RunTag(key));

    private static string Url(StepInput input) => input.Platform.Grafana.Url.TrimEnd('/');
}
