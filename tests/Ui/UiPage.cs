using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Onramp.Ui.Tests;

/// <summary>A page of the UI in a window of its own, and all that went wrong on it.</summary>
internal sealed class UiPage : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly float PatienceMilliseconds = (float)Patience.TotalMilliseconds;

    /// <summary>Set, the guide's pictures are renewed.</summary>
    private const string PicturesVariable = "ONRAMP_RENEW_PICTURES";

    private const string Guide = "temporal-ui.md";

    private static readonly string Docs = Path.Combine(Repository.Root, "docs");

    private readonly IBrowserContext context;
    private readonly Uri ui;
    private readonly ConcurrentQueue<string> troubles = new();

    private UiPage(IBrowserContext context, IPage page, Uri ui)
    {
        (this.context, Page, this.ui) = (context, page, ui);
        page.Console += (_, message) => Note(message.Type == "error", $"console: {message.Text} ({message.Location})");
        page.PageError += (_, error) => Note(true, $"error: {error}");
        page.RequestFailed += (_, request) => Note(IsFailure(request), $"failed: {request.Method} {request.Url}: {request.Failure}");
        page.Response += (_, response) => Note(response.Status >= 400, $"{response.Status}: {response.Request.Method} {response.Url}");
    }

    public IPage Page { get; }

    /// <summary>The run that it shows, where it shows one.</summary>
    public Run Run { get; set; } = null!;

    /// <summary>What asks whether something is meant.</summary>
    public ILocator Dialog => Page.Locator("dialog[open]");

    /// <summary>The rows of a list of runs.</summary>
    public ILocator Rows => Page.GetByTestId("workflows-summary-configurable-table-row");

    /// <summary>Errors in the console, and requests that failed or were refused.</summary>
    public IReadOnlyCollection<string> Troubles => troubles;

    public static async Task<UiPage> StartAsync(IBrowser browser, Uri ui, bool dark)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1280, Height = 800 },
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = "UTC",
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(PatienceMilliseconds);
        if (dark)
        {
            await context.AddInitScriptAsync("localStorage.setItem('dark mode', 'true')");
        }

        return new UiPage(context, await context.NewPageAsync(), ui);
    }

    public Task GoAsync(string path) => Page.GotoAsync(new Uri(ui, path).ToString());

    /// <summary>Waits until something can be seen.</summary>
    public Task SeeAsync(ILocator what) => Assertions.Expect(what.First).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = PatienceMilliseconds });

    /// <summary>Waits until a text can be seen.</summary>
    public Task SeeAsync(string text) => SeeAsync(Page.GetByText(text).Filter(new LocatorFilterOptions { Visible = true }));

    /// <summary>Waits until something has this text, or one that holds it.</summary>
    public Task SeeAsync(ILocator what, string text) =>
        Assertions.Expect(what.First).ToContainTextAsync(text, new LocatorAssertionsToContainTextOptions { Timeout = PatienceMilliseconds });

    public ILocator ById(string testId) => Page.GetByTestId(testId).Filter(new LocatorFilterOptions { Visible = true });

    /// <summary>Presses a button, or follows a link or a tab.</summary>
    public Task PressAsync(string name, ILocator? within = null) =>
        (within ?? Page.Locator("body")).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name }).Filter(new LocatorFilterOptions { Visible = true }).First.ClickAsync();

    /// <summary>The sign that says how a run stands.</summary>
    public ILocator Status(string status) => Page.Locator("main header").GetByText(status, new LocatorGetByTextOptions { Exact = true }).Filter(new LocatorFilterOptions { Visible = true });

    /// <summary>Takes one of the actions on a run; the answer is what asks for more.</summary>
    public async Task<ILocator> ActAsync(string testId)
    {
        // What a run takes is known once its worker has said so.
        await Page.WaitForFunctionAsync("() => document.querySelector('#history-tab')");
        await PressAsync("Workflow Actions");
        await ById(testId).First.ClickAsync();
        return Dialog;
    }

    /// <summary>Chooses from a list in a dialog.</summary>
    public async Task ChooseAsync(string testId, string option)
    {
        await Dialog.GetByTestId(testId + "-button").ClickAsync();
        await Page.GetByRole(AriaRole.Option, new PageGetByRoleOptions { Name = option }).Filter(new LocatorFilterOptions { Visible = true }).First.ClickAsync();
    }

    /// <summary>Puts JSON into the field that the UI has for it.</summary>
    public async Task PutJsonAsync(ILocator within, string json)
    {
        await within.Locator(".cm-content").First.ClickAsync();
        await Page.Keyboard.PressAsync("ControlOrMeta+a");
        await Page.Keyboard.InsertTextAsync(json);
    }

    /// <summary>Takes a picture of what can be seen, beside the tests; where pictures are renewed and the guide shows it, it is the guide's from then on.</summary>
    public async Task PictureAsync(string name)
    {
        var picture = Path.Combine(AppContext.BaseDirectory, "pictures", name + ".png");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = picture, Animations = ScreenshotAnimations.Disabled });
        var shown = Path.Combine("images", name + ".png");
        if (Environment.GetEnvironmentVariable(PicturesVariable) is { Length: > 0 } && (await File.ReadAllTextAsync(Path.Combine(Docs, Guide))).Contains(shown, StringComparison.Ordinal))
        {
            Directory.CreateDirectory(Path.Combine(Docs, "images"));
            File.Copy(picture, Path.Combine(Docs, shown), overwrite: true);
        }
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    /// <summary>What a page no longer waits for, when it is left, isn't a failure.</summary>
    private static bool IsFailure(IRequest request) => request.Failure is not "net::ERR_ABORTED";

    private void Note(bool isTrouble, string what)
    {
        if (isTrouble)
        {
            troubles.Enqueue(what);
        }
    }
}
