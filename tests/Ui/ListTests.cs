using Microsoft.Playwright;
using Temporalio.Client;

namespace Onramp.Ui.Tests;

/// <summary>The list of runs: found by Onramp's search attributes, counted by status, with columns of one's own, and acted on together.</summary>
[Collection(UiFixture.Collection)]
public sealed class ListTests(UiFixture ui)
{
    private const string Workflows = "namespaces/default/workflows";

    [SkippableTheory]
    [InlineData("OnrampService", "billing", "onboarding-billing-staging")]
    [InlineData("OnrampState", "AwaitingApproval", "-staging")]
    public async Task Runs_are_found_by_our_search_attributes(string attribute, string value, string found)
    {
        await using var page = await ui.OpenAsync(Workflows);
        await page.SeeAsync(found);
        await page.Page.Locator("#search-attribute-filter-button").ClickAsync();
        await page.Page.Locator("#filter-search").FillAsync(attribute);
        await page.Page.Locator("#search-attribute-menu").GetByRole(AriaRole.Menuitem, new LocatorGetByRoleOptions { Name = attribute, Exact = true }).ClickAsync();
        await page.Page.Locator("#text-filter").FillAsync(value);

        await page.Page.Locator("#text-filter").PressAsync("Enter");

        await Assertions.Expect(page.Rows.Filter(new LocatorFilterOptions { HasNotText = found })).ToHaveCountAsync(0);
        await page.SeeAsync(page.Rows, found);
        await page.PictureAsync($"ui-filter-{attribute}");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Runs_are_counted_by_status_and_a_status_leads_to_its_runs()
    {
        await using var page = await ui.OpenAsync(Workflows);
        await page.SeeAsync("onboarding-orders-development");

        await page.PressAsync("Completed", page.Page.Locator("main header"));

        await Assertions.Expect(page.Rows.Filter(new LocatorFilterOptions { HasText = "Running" })).ToHaveCountAsync(0);
        await page.SeeAsync(page.Rows, "Completed");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_column_that_somebody_chose_is_there_again()
    {
        await using var page = await ui.OpenAsync(Workflows);
        await page.ById("workflows-summary-table-configuration-button").ClickAsync();
        await page.Page.Locator("#workflows-table-configuration-drawer").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "OnrampState" }).Last.ClickAsync();

        await page.Page.ReloadAsync();

        await page.SeeAsync(page.Page.GetByRole(AriaRole.Columnheader, new PageGetByRoleOptions { Name = "OnrampState" }));
        await page.SeeAsync(page.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "AwaitingApproval" }));
        await page.Page.SetViewportSizeAsync(1850, 600);
        await page.PictureAsync("ui-runs");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Many_runs_are_terminated_as_one_batch()
    {
        Skip.If(ui.Missing is not null, ui.Missing);
        var names = Enumerable.Range(1, 3).Select(i => $"batch-{Guid.NewGuid():N}-{i}").ToList();
        foreach (var name in names)
        {
            await ui.StartSampleAsync(name, hasChild: false);
        }

        await using var page = await ui.OpenAsync($"{Workflows}?query={Uri.EscapeDataString("WorkflowId STARTS_WITH \"batch-\"")}");
        await Assertions.Expect(page.Rows).ToHaveCountAsync(names.Count);
        await page.Page.Locator("#select-visible-workflows").CheckAsync(new LocatorCheckOptions { Force = true });
        await page.ById("bulk-terminate-button").ClickAsync();
        await page.Dialog.Locator("#batch-operation-job-id").FillAsync("batch-of-three");
        await page.PressAsync("Terminate", page.Dialog);

        await page.GoAsync("namespaces/default/batch-operations/batch-of-three");

        await page.SeeAsync(page.Page.Locator("main"), "Completed");
        await Task.WhenAll(names.Select(name => ui.TerminatedAsync(name)));
        await page.GoAsync("namespaces/default/batch-operations");
        await page.SeeAsync("batch-of-three");
        page.Troubles.ShouldBeEmpty();
    }
}
