using System.ComponentModel.DataAnnotations;
using System.IO.Compression;
using System.Net;
using System.Text;
using Onramp.EmbeddedServer.Access;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>The web UI's pages on its listener: what is handed out, how long it may be kept, and who gets it.</summary>
public sealed class UiPagesTests : IDisposable
{
    private readonly UiFolder folder = new();

    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/index.html", "text/html; charset=utf-8")]
    [InlineData("/_app/immutable/start.a1b2.js", "text/javascript; charset=utf-8")]
    [InlineData("/fonts/inter.woff2", "font/woff2")]
    [InlineData("/licenses.txt", "text/plain; charset=utf-8")]
    public async Task A_file_is_handed_out_as_what_it_is(string path, string type)
    {
        await using var http = await StartAsync();

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + path);

        (answer.Status, answer.ContentType).ShouldBe((200, type));
    }

    [Theory]
    [InlineData("/namespaces/default/workflows/a.b")]
    [InlineData("/namespaces/default/workflows/service%3Aorders/run.1/history?x=y")]
    [InlineData("/namespaces/default/workflows/a%2Fb")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/..%2Fsecret.txt")]
    [InlineData("/%2e%2e%2fsecret.txt")]
    [InlineData("/apis")]
    public async Task What_is_no_file_of_the_ui_is_left_to_the_ui(string path)
    {
        await using var http = await StartAsync();

        (await http.SendAsync(HttpMethod.Get, http.Ui + path)).Text.ShouldBe(UiFolder.Entry);
    }

    [Theory]
    [InlineData("/_app/immutable/start.of-an-older-build.js", 404)]
    [InlineData("/api/v1/no/such/thing", 404)]
    [InlineData("/api", 404)]
    public async Task What_is_a_part_of_the_ui_and_not_there_is_missing(string path, int status)
    {
        await using var http = await StartAsync();

        (await http.SendAsync(HttpMethod.Get, http.Ui + path)).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("/index.html", "no-cache")]
    [InlineData("/namespaces", "no-cache")]
    [InlineData("/licenses.txt", "no-cache")]
    [InlineData("/_app/immutable/start.a1b2.js", "public, max-age=31536000, immutable")]
    [InlineData("/api/v1/settings", "no-store")]
    public async Task Only_what_changes_its_name_with_its_content_is_kept_without_asking(string path, string kept)
    {
        await using var http = await StartAsync();

        (await http.SendAsync(HttpMethod.Get, http.Ui + path)).Headers["Cache-Control"].ShouldBe(kept);
    }

    [Theory]
    [InlineData("{tag}", 304)]
    [InlineData("W/{tag}", 304)]
    [InlineData("\"other\", {tag}", 304)]
    [InlineData("*", 304)]
    [InlineData("\"other\"", 200)]
    public async Task Who_has_a_file_already_is_told_so(string known, int status)
    {
        await using var http = await StartAsync();
        var tag = (await http.SendAsync(HttpMethod.Get, http.Ui)).Headers["ETag"];

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui, body: null, ("If-None-Match", known.Replace("{tag}", tag, StringComparison.Ordinal)));

        (answer.Status, answer.Text).ShouldBe((status, status == 304 ? string.Empty : UiFolder.Entry));
    }

    [Theory]
    [InlineData(UiFolder.Script, "gzip, br", "gzip")]
    [InlineData(UiFolder.Script, "gzip;q=0", null)]
    [InlineData(UiFolder.Script, null, null)]
    [InlineData("licenses.txt", "gzip", null)]
    public async Task Long_texts_are_compressed_for_those_who_take_it(string file, string? accepted, string? encoding)
    {
        await using var http = await StartAsync();

        var answer = await http.SendAsync(HttpMethod.Get, $"{http.Ui}/{file}", body: null, accepted is null ? [] : [("Accept-Encoding", accepted)]);

        answer.Headers.GetValueOrDefault("Content-Encoding").ShouldBe(encoding);
    }

    [Fact]
    public async Task A_compressed_file_is_the_same_file()
    {
        await using var http = await StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{http.Ui}/{UiFolder.Script}") { Headers = { { "Accept-Encoding", "gzip" } } };

        using var answer = await client.SendAsync(request);

        await using var text = new GZipStream(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        (await new StreamReader(text).ReadToEndAsync()).ShouldBe(await File.ReadAllTextAsync(Path.Combine(folder.Path, UiFolder.Script)));
    }

    [Fact]
    public async Task The_head_of_a_file_says_how_long_it_is()
    {
        await using var http = await StartAsync();

        var answer = await http.SendAsync(HttpMethod.Head, http.Ui);

        (answer.Status, answer.Headers["Content-Length"], answer.Text).ShouldBe((200, $"{UiFolder.Entry.Length}", string.Empty));
    }

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/api/v1/settings", 200)]
    [InlineData("/api/v1/none", 404)]
    public async Task Nobody_may_frame_an_answer_guess_what_it_is_or_learn_where_it_was_seen(string path, int status)
    {
        await using var http = await StartAsync();

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + path);

        (answer.Status, answer.Headers["Content-Security-Policy"], answer.Headers["X-Content-Type-Options"], answer.Headers["Referrer-Policy"], answer.Headers["Cross-Origin-Opener-Policy"])
            .ShouldBe((status, "frame-ancestors 'none'", "nosniff", "no-referrer", "same-origin"));
    }

    [Fact]
    public async Task A_file_put_in_later_or_reached_by_a_link_is_not_handed_out()
    {
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link.txt"), Path.Combine(folder.Path, "../secret.txt"));
        await using var http = await StartAsync();
        folder.Write("later.txt", "later");

        var linked = await http.SendAsync(HttpMethod.Get, $"{http.Ui}/link.txt");
        var later = await http.SendAsync(HttpMethod.Get, $"{http.Ui}/later.txt");

        (linked.Text, later.Text).ShouldBe((UiFolder.Entry, UiFolder.Entry));
    }

    [Theory]
    [InlineData("/namespaces", "navigate", 200)]
    [InlineData("/_app/immutable/start.a1b2.js", "no-cors", 403)]
    [InlineData("/api/v1/settings", "navigate", 403)]
    public async Task A_link_from_another_site_leads_to_a_page_and_to_nothing_else(string path, string mode, int status)
    {
        await using var http = await StartAsync();

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + path, body: null, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode));

        answer.Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("localhost:8233", 200)]
    [InlineData("[::1]:8233", 200)]
    [InlineData("ui.example", 200)]
    [InlineData("evil.example", 403)]
    public async Task A_page_is_shown_only_under_a_name_that_is_ours(string host, int status)
    {
        await using var http = await StartAsync(options => options.UiHosts = ["ui.example"]);

        (await http.SendAsync(HttpMethod.Get, http.Ui, body: null, ("Host", host))).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("ui.example", "https://ui.example", 200)]
    [InlineData("localhost", "https://localhost", 403)]
    [InlineData("ui.example", "https://evil.example", 403)]
    public async Task Behind_a_proxy_under_our_name_our_pages_are_ours(string host, string origin, int status)
    {
        await using var http = await HttpFixture.StartAsync<SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse>(
            "SignalWorkflowExecution", (_, _) => Task.FromResult(new SignalWorkflowExecutionResponse()), options => options.UiHosts = ["ui.example"]);

        var answer = await http.SendAsync(HttpMethod.Post, $"{http.Ui}/api/v1/namespaces/default/workflows/a/signal/b", "{}", ("Host", host), ("Origin", origin));

        answer.Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/licenses.txt")]
    public async Task Nothing_is_posted_to_a_page(string path)
    {
        await using var http = await StartAsync();

        (await http.SendAsync(HttpMethod.Post, http.Ui + path, "x", ("Caller-Type", "operator"))).Status.ShouldBe(501);
    }

    [Theory]
    [InlineData("/", null, 401)]
    [InlineData("/api/v1/settings", null, 401)]
    [InlineData("/api/v1/settings", "Basic nonsense", 401)]
    [InlineData("/api/v1/settings", "Basic {any:another}", 401)]
    [InlineData("/api/v1/settings", "Basic {of-the-operator}", 401)]
    [InlineData("/", "Basic {any:of-the-operator}", 200)]
    [InlineData("/api/v1/settings", "Basic {:of-the-operator}", 200)]
    [InlineData("/api/v1/settings", "Bearer of-the-operator", 200)]
    public async Task Where_there_are_api_keys_a_browser_asks_its_user_for_one(string path, string? authorization, int status)
    {
        await using var http = await StartAsync(options => options.ApiKeys = [ApiKey.FromString("of-the-operator")]);

        var answer = await http.SendAsync(HttpMethod.Get, http.Ui + path, body: null, authorization is null ? [] : [("Authorization", Encoded(authorization))]);

        (answer.Status, answer.Headers.ContainsKey("WWW-Authenticate")).ShouldBe((status, status == 401));
    }

    [Fact]
    public async Task A_password_that_the_browser_adds_by_itself_opens_nothing_to_a_form_of_another_site()
    {
        await using var http = await StartAsync(options => options.ApiKeys = [ApiKey.FromString("of-the-operator")]);

        var answer = await http.SendAsync(
            HttpMethod.Post, $"{http.Ui}/api/v1/namespaces/default/workflows/a/terminate", "{}",
            ("Authorization", Encoded("Basic {any:of-the-operator}")), ("Origin", "http://evil.example"));

        answer.Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_folder_without_an_entry_page_is_refused_at_the_start()
    {
        File.Delete(Path.Combine(folder.Path, "index.html"));

        (await Should.ThrowAsync<ValidationException>(() => StartAsync())).Message.ShouldContain("no index.html");
    }

    public void Dispose() => folder.Dispose();

    private static string Encoded(string authorization)
    {
        var open = authorization.IndexOf('{', StringComparison.Ordinal);
        return open < 0 ? authorization : authorization[..open] + Convert.ToBase64String(Encoding.UTF8.GetBytes(authorization[(open + 1)..^1]));
    }

    private Task<HttpFixture> StartAsync(Action<TemporalServerOptions>? configure = null) => HttpFixture.StartAsync(options =>
    {
        options.UiFiles = folder.Path;
        configure?.Invoke(options);
    });
}
