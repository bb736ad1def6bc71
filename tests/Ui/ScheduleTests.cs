using Microsoft.Playwright;

namespace Onramp.Ui.Tests;

/// <summary>A schedule's life in the UI.</summary>
[Collection(UiFixture.Collection)]
public sealed class ScheduleTests(UiFixture ui)
{
    private const string Schedules = "namespaces/default/schedules";

    [SkippableFact]
    public async Task A_schedule_is_made_listed_changed_paused_triggered_and_deleted()
    {
        await using var page = await ui.OpenAsync(Schedules + "/create");
        await page.ById("schedule-name-input").FillAsync("nightly");
        await page.ById("schedule-type-input").FillAsync(nameof(SampleWorkflow));
        await page.ById("schedule-workflow-id-input").FillAsync("by-schedule");
        await page.ById("schedule-task-queue-input").FillAsync(SampleWorkflow.TaskQueue);
        await page.PutJsonAsync(page.Page.Locator("main"), "false");
        await page.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "String" }).ClickAsync();
        await page.Page.Locator("#cronString").FillAsync("0 3 * * *");
        await page.ById("create-schedule-button").ClickAsync();
        await page.Page.Locator("main").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "nightly" }).ClickAsync();
        await page.SeeAsync(page.Status("Running"));

        await page.PressAsync("Pause");
        await page.Dialog.GetByRole(AriaRole.Textbox).FillAsync("a test");
        await page.PressAsync("Pause", page.Dialog);
        await page.SeeAsync(page.Status("Paused"));

        await page.PressAsync("Schedule Actions");
        await page.ById("edit-schedule").ClickAsync();
        await page.ById("schedule-workflow-id-input").FillAsync("changed");
        await page.ById("create-schedule-button").ClickAsync();
        await page.SeeAsync("Last updated");

        await page.PressAsync("Schedule Actions");
        await page.ById("trigger-schedule").ClickAsync();
        await page.PressAsync("Trigger", page.Dialog);
        await page.SeeAsync(page.Page.Locator("main").GetByRole(AriaRole.Link).Filter(new LocatorFilterOptions { HasText = "changed-" }));
        await page.PictureAsync("ui-schedule");

        await page.PressAsync("Schedule Actions");
        await page.ById("delete-schedule").ClickAsync();
        await page.PressAsync("Delete", page.Dialog);
        await page.SeeAsync("No Schedules");

        page.Troubles.ShouldBeEmpty();
    }
}
