using Onramp.Workflows.Contracts;
using static Onramp.Workflows.Onboarding.OnboardingStep;

namespace Onramp.Workflows.Onboarding;

/// <summary>Dashboards, alerts, catalog, and the look at the whole at the end.</summary>
internal static class ObservabilitySteps
{
    public static readonly OnboardingStep[] Rows =
    [
        new()
        {
            Id = StepIds.DashboardFolder,
            Title = "Dashboard folder of the team",
            System = Systems.Grafana,
            Phase = OnboardingPhase.CreatingDashboards,
            After = [StepIds.Namespace],
            Applies = r => r.Features.Monitoring,
            Do = ActivityNames.CreateDashboardFolder,
            Undo = ActivityNames.DeleteDashboardFolder,
            Plans = Plan(StepIds.DashboardFolder, Systems.Grafana, c => ("folder", c.Names.DashboardFolderUid, "shared by the team; made if absent")),
        },
        new()
        {
            Id = StepIds.Dashboard,
            Title = "RED dashboard",
            System = Systems.Grafana,
            Phase = OnboardingPhase.CreatingDashboards,
            After = [StepIds.DashboardFolder],
            Applies = r => r.Features.Monitoring,
            Do = ActivityNames.CreateDashboard,
            Undo = ActivityNames.DeleteDashboard,
            Plans = Plan(StepIds.Dashboard, Systems.Grafana, c => ("dashboard", c.Names.DashboardUid, "rate, errors, duration, resources")),
        },
        new()
        {
            Id = StepIds.AlertRules,
            Title = "Alert rules",
            System = Systems.Grafana,
            Phase = OnboardingPhase.CreatingDashboards,
            After = [StepIds.Dashboard],
            Applies = r => r.Features.Alerts,
            Do = ActivityNames.CreateAlertRules,
            Undo = ActivityNames.DeleteAlertRules,
            Plans = Plan(StepIds.AlertRules, Systems.Grafana, c => ("alert rules", c.Names.AlertGroup, "errors, latency, absent traffic, restarts, quota")),
        },
        new()
        {
            Id = StepIds.Catalog,
            Title = "Catalog entity",
            System = Systems.Catalog,
            Phase = OnboardingPhase.RegisteringCatalog,
            After = [StepIds.Files, StepIds.Flux, StepIds.ArgoCd, StepIds.AlertRules, StepIds.ServiceMonitor],
            Applies = r => r.Features.Catalog,
            Do = ActivityNames.RegisterCatalogEntity,
            Undo = ActivityNames.UnregisterCatalogEntity,
            WaitLimit = t => t.CatalogEntity,
            WaitLimitIsWarning = true,
            Plans = Plan(StepIds.Catalog, Systems.Catalog, c => ("catalog location", c.Names.CatalogEntityRef, "catalog-info.yaml of the repository")),
        },
        new()
        {
            Id = StepIds.Verification,
            Title = "Everything is there and ready",
            System = Systems.Onramp,
            Phase = OnboardingPhase.Verifying,
            After = [.. Everything()],
            Do = ActivityNames.VerifyService,
        },
    ];

    private static IEnumerable<string> Everything() =>
    [
        StepIds.Protection, StepIds.Pipeline, StepIds.Catalog, StepIds.Flux, StepIds.ArgoCd, StepIds.ServiceMonitor, StepIds.AlertRules, StepIds.Dashboard,
        StepIds.Limits, StepIds.NetworkPolicies, StepIds.NamespaceAccess, StepIds.ServiceAccount, StepIds.SecretProvider,
    ];
}
