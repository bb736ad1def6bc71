using Microsoft.Playwright;
using Onramp.Workflows.Contracts;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace Onramp.Ui.Tests;

/// <summary>What people see of a run, and do to it.</summary>
[Collection(UiFixture.Collection)]
public sealed class RunTests(UiFixture ui)
{
    [SkippableTheory]
    [InlineData("feed", "Activity Task Scheduled")]
    [InlineData("compact", "Notify")]
    [InlineData("json", "\"eventType\"")]
    public async Task The_history_has_three_views(string view, string text)
    {
        await using var page = await ui.OpenAsync(() => ui.Waiting);

        await page.ById(view).ClickAsync();

        await page.SeeAsync(page.Page.Locator("main"), text);
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_run_says_where_it_stands_as_a_table_of_its_steps()
    {
        await using var page = await ui.OpenAsync(() => ui.Failing);

        await page.PressAsync("Current Details");

        await page.SeeAsync(page.ById("markdown").GetByRole(AriaRole.Row, new LocatorGetByRoleOptions { Name = "Resource group" }), "running");
        await page.PictureAsync("ui-run");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_step_that_fails_shows_its_attempt_and_why()
    {
        await using var page = await ui.OpenAsync(() => ui.Failing, "/pending-activities");
        await page.SeeAsync("CreateResourceGroup");

        await page.PressAsync("Last Failure");

        await page.SeeAsync(page.Page.Locator("main"), "The service is temporarily unavailable");
        await page.PictureAsync("ui-pending-activities");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_run_is_approved_by_signal_and_its_page_follows_it_to_the_end()
    {
        await using var page = await ui.OpenWaitingAsync("approved");
        var id = page.Run.Id;
        var digest = (await ui.Api.GetAsync(id, CancellationToken.None)).Progress.Plan!.Digest;
        var dialog = await page.ActAsync("signal-button");
        await page.ChooseAsync("signal-select", "approval");
        await page.PutJsonAsync(dialog, $$"""{"decisionId":"ui-1","approver":"ada","groups":["platform"],"verdict":"approve","planDigest":"{{digest}}","comment":"seen in the UI"}""");
        await page.PictureAsync("ui-signal");

        await page.PressAsync("Submit", dialog);

        // Nothing is loaded anew: the page learns of it by itself.
        await page.SeeAsync(page.Status("Completed"));
        (await ui.Api.GetAsync(id, CancellationToken.None)).Progress.Status.ShouldBe(OnboardingStatus.Completed);
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_run_is_cancelled()
    {
        await using var page = await ui.OpenWaitingAsync("cancelled");
        await page.PressAsync("Request Cancellation");

        await page.PressAsync("Confirm", page.Dialog);

        await page.SeeAsync(page.Status("Canceled"));
        (await ui.Api.GetAsync(page.Run.Id, CancellationToken.None)).Progress.Phase.ShouldBe(OnboardingPhase.Cancelled);
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_run_is_terminated()
    {
        await using var page = await ui.OpenWaitingAsync("terminated");
        var dialog = await page.ActAsync("terminate-button");
        await dialog.GetByRole(AriaRole.Textbox).FillAsync("a test");

        await page.PressAsync("Terminate", dialog);

        await page.SeeAsync(page.Status("Terminated"));
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_run_is_reset_and_the_new_one_waits_for_approval_again()
    {
        await using var page = await ui.OpenWaitingAsync("again");
        var dialog = await page.ActAsync("reset-button");
        await page.ChooseAsync("workflow-reset-event-id-select", "WorkflowTaskCompleted");
        await page.PressAsync("Confirm", dialog);

        await page.ById("workflow-reset-alert").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "here" }).ClickAsync();

        await page.Page.WaitForURLAsync(url => !url.Contains(page.Run.RunId, StringComparison.Ordinal));
        await page.SeeAsync(page.Status("Running"));
        (await ui.Temporal.GetWorkflowHandle(page.Run.WorkflowId).DescribeAsync()).RunId.ShouldNotBe(page.Run.RunId);
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_query_is_asked_and_answered()
    {
        await using var page = await ui.OpenAsync(() => ui.Waiting, "/query");

        await page.PressAsync("Run Query");

        await page.SeeAsync(page.Page.Locator("main"), "\"phase\": \"AwaitingApproval\"");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task An_update_is_sent_and_its_answer_shown()
    {
        await using var page = await ui.OpenAsync(() => ui.Sample);
        var dialog = await page.ActAsync("update-button");
        await page.ChooseAsync("update-select", "greet");
        await page.PutJsonAsync(dialog, "\"ada\"");

        await page.PressAsync("Submit", dialog);

        await page.SeeAsync("Workflow Execution Update Completed");
        await page.SeeAsync("hello ada");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("-child")]
    public async Task Parent_and_child_are_found_from_each_other(string suffix)
    {
        await using var page = await ui.OpenAsync(() => ui.Sample);
        await page.GoAsync($"namespaces/default/workflows/{ui.Sample.WorkflowId}{suffix}");
        await page.Page.Locator("#relationships-tab").ClickAsync();

        await page.SeeAsync(page.Page.Locator("main").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = ui.Sample.WorkflowId, Exact = true }));
        await page.SeeAsync(page.Page.Locator("main").GetByText(ui.Sample.WorkflowId + "-child"));

        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task What_a_run_says_of_itself_is_a_table_and_nothing_that_runs_or_loads()
    {
        await using var page = await ui.OpenAsync(() => ui.Sample);
        await page.PressAsync("Current Details");
        await page.SeeAsync(page.ById("markdown").GetByRole(AriaRole.Table), "vault");

        var (dangerous, links) = (
            await page.ById("markdown").Locator("img, script, iframe").CountAsync(),
            await page.ById("markdown").Locator("a").EvaluateAllAsync<string[]>("all => all.map(a => a.getAttribute('href') + ' ' + a.rel)"));

        (dangerous, string.Join(", ", links)).ShouldBe((0, "https://portal.example/vault noopener noreferrer nofollow, null noopener noreferrer nofollow"));
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_history_is_downloaded_and_imported_again()
    {
        await using var page = await ui.OpenAsync(() => ui.Completed);
        await page.ById("download").ClickAsync();
        var download = await page.Page.RunAndWaitForDownloadAsync(() => page.PressAsync("Download", page.Dialog));
        await page.GoAsync("import/events");
        await page.Page.Locator("input[type=file]").SetInputFilesAsync(await download.PathAsync());

        await page.PressAsync("Import", page.Page.Locator("main"));

        await page.SeeAsync("Workflow Execution Started");
        await page.SeeAsync("OnboardServiceWorkflow");
        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "1", Exact = true }).First.ClickAsync();
        await page.SeeAsync(page.Page.Locator("tr.expanded"), "OnboardServiceWorkflow");
        page.Page.Url.ShouldContain("import/events");
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_running_page_follows_its_history_live()
    {
        var name = $"live-{Guid.NewGuid():N}";
        await using var page = await ui.OpenSampleAsync(name);
        await page.SeeAsync("Workflow Task Completed");

        await ui.Temporal.GetWorkflowHandle<SampleWorkflow>(name).SignalAsync(sample => sample.FinishAsync());

        await page.SeeAsync("Workflow Execution Signaled");
        await page.SeeAsync(page.Status("Completed"));
        page.Troubles.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_run_is_started_from_the_ui()
    {
        var name = $"started-{Guid.NewGuid():N}";
        await using var page = await ui.OpenAsync("namespaces/default/workflows/start-workflow");
        await page.Page.Locator("#workflowId").FillAsync(name);
        await page.Page.Locator("#taskQueue").FillAsync(SampleWorkflow.TaskQueue);
        await page.Page.Locator("#workflowType").FillAsync(nameof(SampleWorkflow));
        await page.PutJsonAsync(page.Page.Locator("main"), "false");

        await page.PressAsync("Start Workflow", page.Page.Locator("main"));

        await page.Page.GetByRole(AriaRole.Log).GetByRole(AriaRole.Link).ClickAsync();
        await page.SeeAsync(page.Status("Running"));
        (await ui.Temporal.GetWorkflowHandle(name).DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
        page.Troubles.ShouldBeEmpty();
    }
}
