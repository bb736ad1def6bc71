using System.Diagnostics;
using System.Globalization;
using Onramp.Cli.Ui;

namespace Onramp.Cli.Tests.Ui;

/// <summary>The web UI is built once, whole or not at all.</summary>
public sealed class UiBuildTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BuildFixture fixture = new();

    [Fact]
    public async Task What_was_built_is_kept_and_nothing_else()
    {
        var pages = await fixture.BuildAsync();

        (await File.ReadAllTextAsync(Path.Combine(pages, "index.html")), fixture.Kept).ShouldBe(("<html>", Path.GetFileName(pages)));
    }

    [Fact]
    public async Task It_is_built_once()
    {
        var first = await fixture.BuildAsync();
        fixture.Script("node", "exit 1");

        (await fixture.BuildAsync()).ShouldBe(first);
    }

    [Fact]
    public async Task The_user_is_told_what_is_done_and_how_long_it_took()
    {
        await fixture.BuildAsync();

        fixture.Said.ShouldSatisfyAllConditions(
            said => said.ShouldContain("about a minute"), said => said.ShouldContain("Packages are fetched (npm ci): "), said => said.ShouldContain("Pages are built (vite build): "));
    }

    [Theory]
    [InlineData("package-lock.json")]
    [InlineData("src/app.html")]
    [InlineData("src/new.ts")]
    public async Task Other_sources_are_built_anew(string file)
    {
        var first = await fixture.BuildAsync();
        fixture.WriteSource(file, "other");

        (await fixture.BuildAsync()).ShouldNotBe(first);
    }

    [Theory]
    [InlineData("node_modules/svelte/index.js")]
    [InlineData("build/index.html")]
    [InlineData(".svelte-kit/tsconfig.json")]
    public async Task What_is_made_of_the_sources_is_none_of_them(string file)
    {
        var first = await fixture.BuildAsync();
        fixture.WriteSource(file, "made");

        (await fixture.BuildAsync()).ShouldBe(first);
    }

    [Theory]
    [InlineData("node", "'node' is not on the PATH")]
    [InlineData("npm", "'npm' is not on the PATH")]
    public async Task A_program_that_is_missing_is_named_in_one_line(string program, string message)
    {
        File.Delete(fixture.In("bin", program));

        var failure = await Should.ThrowAsync<CliException>(() => fixture.BuildAsync());

        (failure.Message.Contains(message, StringComparison.Ordinal), failure.Message.Contains('\n', StringComparison.Ordinal), failure.ExitCode).ShouldBe((true, false, ExitCodes.Failed));
    }

    [Fact]
    public async Task An_old_node_is_named_with_what_is_needed()
    {
        fixture.Script("node", "echo v18.20.4");

        (await Should.ThrowAsync<CliException>(() => fixture.BuildAsync())).Message.ShouldEndWith("needs Node.js 20 or later with npm (https://nodejs.org); this is Node.js v18.20.4.");
    }

    [Fact]
    public async Task A_build_that_fails_leaves_its_words_and_no_pages()
    {
        fixture.Script("npx", "mkdir build; echo half > build/index.html; echo 'the pages are wrong' >&2; exit 7");

        var failure = await Should.ThrowAsync<CliException>(() => fixture.BuildAsync());

        (failure.Message.Contains("ended with 7", StringComparison.Ordinal), await File.ReadAllTextAsync(fixture.Store.LogFile), fixture.Kept)
            .ShouldBe((true, "> npm ci --ignore-scripts --no-audit --no-fund\n10.0.0\n> npx --no vite build\nthe pages are wrong\n", string.Empty));
    }

    [Fact]
    public async Task A_build_that_makes_no_entry_page_is_none()
    {
        fixture.Script("npx", "mkdir build");

        (await Should.ThrowAsync<CliException>(() => fixture.BuildAsync())).Message.ShouldContain("made no index.html");
    }

    [Fact]
    public async Task Two_at_the_same_time_build_once()
    {
        fixture.Script("npx", $"mkdir build; cp src/app.html build/index.html; echo built >> {fixture.In("builds")}; while [ ! -f {fixture.In("go")} ]; do sleep 0.02; done");
        var first = fixture.BuildAsync();
        await UntilAsync(() => File.Exists(fixture.In("builds")));
        var second = fixture.BuildAsync();
        await UntilAsync(() => fixture.Said.Contains("Another process builds the web UI", StringComparison.Ordinal));
        await File.WriteAllTextAsync(fixture.In("go"), "");

        var pages = await Task.WhenAll(first, second);

        (pages[0] == pages[1], await File.ReadAllTextAsync(fixture.In("builds"))).ShouldBe((true, "built\n"));
    }

    [Fact]
    public async Task One_that_is_called_off_ends_what_it_started_and_leaves_nothing()
    {
        fixture.Script("npx", $"mkdir build; echo half > build/index.html; echo $$ > {fixture.In("pid.new")}; mv {fixture.In("pid.new")} {fixture.In("pid")}; exec sleep 600");
        using var asked = new CancellationTokenSource();
        var build = fixture.BuildAsync(asked.Token);
        await UntilAsync(() => File.Exists(fixture.In("pid")));
        var pid = int.Parse(await File.ReadAllTextAsync(fixture.In("pid")), CultureInfo.InvariantCulture);
        await asked.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(build);

        (IsRunning(pid), fixture.Kept).ShouldBe((false, string.Empty));
    }

    [Fact]
    public async Task What_one_that_was_killed_left_is_taken_along()
    {
        Directory.CreateDirectory(fixture.In("data", "web-ui", ".work-killed", "node_modules"));

        var pages = await fixture.BuildAsync();

        fixture.Kept.ShouldBe(Path.GetFileName(pages));
    }

    [Fact]
    public async Task Builds_of_many_versions_ago_go()
    {
        var pages = new List<string>();
        for (var version = 1; version <= 5; version++)
        {
            fixture.WriteSource("package-lock.json", $"{version}");
            pages.Add(await fixture.BuildAsync());
        }

        fixture.Kept.ShouldBe(string.Join(' ', pages.TakeLast(3).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Programs_of_others_get_to_know_no_secret()
    {
        const string Secret = "Onramp__Test__TokenOfTheBuildTests";
        fixture.Script("npx", "mkdir build; env > build/index.html");
        Environment.SetEnvironmentVariable(Secret, "hush");

        var seen = await File.ReadAllTextAsync(Path.Combine(await fixture.BuildAsync(), "index.html"));
        Environment.SetEnvironmentVariable(Secret, null);

        (seen.Contains("PATH=", StringComparison.Ordinal), seen.Contains("hush", StringComparison.Ordinal)).ShouldBe((true, false));
    }

    [Fact]
    public void Without_sources_it_says_where_they_should_be()
    {
        File.Delete(Path.Combine(fixture.Sources, "package-lock.json"));

        Should.Throw<CliException>(() => UiSources.Open(fixture.Sources)).Message.ShouldContain(Path.Combine(fixture.Sources, "package-lock.json"));
    }

    public void Dispose() => fixture.Dispose();

    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Files are what scripts say things with.</summary>
    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);
    }
}
