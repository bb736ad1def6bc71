using Microsoft.Playwright;

namespace Onramp.Ui.Tests;

/// <summary>Every page, against real onboarding runs: it shows what it is there for, without an error in the console and without a failing request.</summary>
[Collection(UiFixture.Collection)]
public sealed class PageTests(UiFixture ui)
{
    private const string Namespace = "namespaces/default";

    private static readonly string[] Refused = ["nexus", "deployments", "archival", "/activities"];

    [SkippableTheory]
    [InlineData("", "onboarding-orders-development")]
    [InlineData("namespaces", "Retention")]
    [InlineData(Namespace, "onboarding-orders-development")]
    [InlineData(Namespace + "/workflows", "onboarding-orders-development")]
    [InlineData(Namespace + "/workflows/start-workflow", "Start a Workflow")]
    [InlineData(Namespace + "/workflows/onboarding-orders-development", "Event History")]
    [InlineData(Namespace + "/schedules", "No Schedules")]
    [InlineData(Namespace + "/schedules/create", "Schedule Spec")]
    [InlineData(Namespace + "/batch-operations", "Batch Operations")]
    [InlineData(Namespace + "/task-queues/onramp-onboarding", "Last Accessed")]
    [InlineData("import/events", "Import Event History")]
    public async Task A_page_shows_what_it_is_there_for(string path, string text)
    {
        await using var page = await ui.OpenAsync(path);

        await page.SeeAsync(text);

        page.Troubles.ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData("", "Workflow Execution Completed")]
    [InlineData("/history", "Workflow Execution Completed")]
    [InlineData("/history/feed", "Workflow Execution Completed")]
    [InlineData("/history/events/1", "Workflow Execution Started")]
    [InlineData("/relationships", "OnboardServiceWorkflow")]
    [InlineData("/workers", "Task Queue: onramp-onboarding")]
    [InlineData("/pending-activities", "No Pending Activities")]
    [InlineData("/stack-trace", "No Call Stacks Found")]
    [InlineData("/query", "Run Query")]
    [InlineData("/metadata", "OnrampTeam")]
    public async Task A_page_of_a_run_that_has_ended_shows_it(string path, string text)
    {
        await using var page = await ui.OpenAsync(() => ui.Completed, path);

        await page.SeeAsync(text);

        page.Troubles.ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData("/history", "Results will appear upon completion.")]
    [InlineData("/call-stack", "ApprovalGate")]
    [InlineData("/workers", "Task Queue: onramp-onboarding")]
    [InlineData("/query", "Run Query")]
    [InlineData("/metadata", "AwaitingApproval")]
    public async Task A_page_of_a_run_that_waits_shows_it(string path, string text)
    {
        await using var page = await ui.OpenAsync(() => ui.Waiting, path);

        await page.SeeAsync(text);

        page.Troubles.ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData(Namespace + "/workflows", "onboarding-orders-development")]
    [InlineData(Namespace + "/schedules", "No Schedules")]
    [InlineData(Namespace + "/task-queues/onramp-onboarding", "Last Accessed")]
    public async Task What_the_server_refuses_is_offered_nowhere(string path, string text)
    {
        await using var page = await ui.OpenAsync(path);
        await page.SeeAsync(text);

        var links = await page.Page.Locator("a[href]").EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))");

        links.ShouldNotContain(link => Refused.Any(part => link.Contains(part, StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task An_address_that_leads_nowhere_says_so()
    {
        await using var page = await ui.OpenAsync("nowhere");

        await page.SeeAsync(page.Page.GetByRole(AriaRole.Alert), "404");
    }
}
