using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Temporalio.Client;

namespace Onramp.Ui.Tests;

/// <summary>A page of another site, open in the browser of somebody who runs Onramp: whatever it tries reaches the server, is refused, and changes nothing.</summary>
[Collection(UiFixture.Collection)]
public sealed class CrossSiteTests(UiFixture ui)
{
    private const string Fetch = "fetch('{call}', { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: '{}' }).catch(() => {})";

    private const string FetchAsOperator = "fetch('{call}', { method: 'POST', headers: { 'Caller-Type': 'operator' }, body: '{}' }).catch(() => {})";

    private const string Form = """
        const form = document.createElement('form');
        form.action = '{call}';
        form.method = 'post';
        form.enctype = 'text/plain';
        document.body.append(form);
        form.submit();
        """;

    [SkippableTheory]
    [InlineData("a request that needs no leave", Fetch, "net::ERR_BLOCKED_BY_RESPONSE")]
    [InlineData("a request that asks for leave", FetchAsOperator, "net::ERR_FAILED")]
    public async Task A_request_of_another_origin_changes_nothing(string how, string script, string failure)
    {
        Skip.If(ui.Missing is not null, ui.Missing);
        await using var other = await StartSiteAsync();
        await using var page = await UiPage.StartAsync(ui.Browser, new Uri(other.Urls.Single()), dark: false);
        await page.GoAsync("");
        var before = await ui.EventsAsync(ui.Waiting);
        var failed = new TaskCompletionSource<IRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        page.Page.RequestFailed += (_, request) => failed.TrySetResult(request);

        await page.Page.EvaluateAsync(Fill(script, ui.Ui));

        var request = await failed.Task.WaitAsync(UiPage.Patience);
        (how, request.Failure!.Split('.')[0], await ui.EventsAsync(ui.Waiting)).ShouldBe((how, failure, before));
    }

    [SkippableFact]
    public async Task A_form_of_another_origin_changes_nothing()
    {
        Skip.If(ui.Missing is not null, ui.Missing);
        await using var other = await StartSiteAsync();
        await using var page = await UiPage.StartAsync(ui.Browser, new Uri(other.Urls.Single()), dark: false);
        await page.GoAsync("");

        await SendAsync(page, Form, ui.Ui);
    }

    [SkippableTheory]
    [InlineData(FetchAsOperator)]
    [InlineData(Form)]
    public async Task A_page_whose_host_name_was_turned_to_this_machine_changes_nothing(string script)
    {
        Skip.If(ui.Missing is not null, ui.Missing);
        // The browser takes what it shows and what it asks for one origin: only the server can tell.
        var rebound = new Uri($"http://rebinding.example:{ui.Ui.Port}/");
        await using var page = await UiPage.StartAsync(ui.Browser, rebound, dark: false);
        await page.GoAsync("");

        await SendAsync(page, script, rebound);
    }

    [SkippableFact]
    public async Task The_ui_can_not_be_put_into_a_frame_of_another_site()
    {
        Skip.If(ui.Missing is not null, ui.Missing);
        await using var other = await StartSiteAsync();
        await using var page = await UiPage.StartAsync(ui.Browser, new Uri(other.Urls.Single()), dark: false);
        await page.GoAsync("");

        var refused = await page.Page.RunAndWaitForConsoleMessageAsync(
            () => page.Page.EvaluateAsync($"() => {{ const frame = document.createElement('iframe'); frame.src = '{ui.Ui}'; document.body.append(frame); }}"),
            new PageRunAndWaitForConsoleMessageOptions { Predicate = message => message.Type == "error" });

        refused.Text.ShouldContain("frame-ancestors 'none'");
    }

    /// <summary>Sends what the server is to refuse.</summary>
    private async Task SendAsync(UiPage page, string script, Uri target)
    {
        var before = await ui.EventsAsync(ui.Waiting);
        var answer = await page.Page.RunAndWaitForResponseAsync(
            () => page.Page.EvaluateAsync(Fill(script, target)), response => response.Url.Contains("/api/", StringComparison.Ordinal));
        (answer.Status, await ui.EventsAsync(ui.Waiting)).ShouldBe((StatusCodes.Status403Forbidden, before));
    }

    private static async Task<WebApplication> StartSiteAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var site = builder.Build();
        site.MapGet("/", () => Results.Content("<!doctype html><link rel=icon href='data:,'><body>another site", "text/html"));
        await site.StartAsync();
        return site;
    }

    /// <summary>A signal would be enough to approve a plan.</summary>
    private string Fill(string script, Uri target) =>
        $"() => {{ {script.Replace("{call}", $"{target}api/v1/namespaces/default/workflows/{ui.Waiting.WorkflowId}/signal/approval", StringComparison.Ordinal)} }}";
}
