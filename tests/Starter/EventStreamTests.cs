using System.Net.ServerSentEvents;

namespace Onramp.Starter.Tests;

/// <summary>A run as a listener hears it: on the wire, through breaks, silence and the end of the process.</summary>
public sealed class EventStreamTests(WorkedFixture fixture) : IClassFixture<WorkedFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_listener_that_comes_back_is_told_only_what_it_missed()
    {
        var progress = await fixture.AwaitingApprovalAsync("resumed");
        var seen = await HearAsync(fixture.Http, "resumed", lastId: null, until: e => e.Data.Contains("AwaitingApproval", StringComparison.Ordinal));
        using var rejected = await fixture.SendAsync(HttpMethod.Post, PathOf("resumed") + "/approvals", WorkedFixture.Decision(progress, "reject"));
        rejected.EnsureSuccessStatusCode();

        var missed = await HearAsync(fixture.Http, "resumed", seen[^1].EventId, until: e => e.EventType == "end");

        (missed.Select(e => e.Data).Intersect(seen.Select(e => e.Data)).Count(), missed[^1].Data.Contains("Rejected", StringComparison.Ordinal)).ShouldBe((0, true));
    }

    [Fact]
    public async Task Every_event_brings_the_id_to_come_back_with()
    {
        await fixture.AwaitingApprovalAsync("numbered");

        var heard = await HearAsync(fixture.Http, "numbered", lastId: null, until: e => e.Data.Contains("AwaitingApproval", StringComparison.Ordinal));

        heard.ShouldAllBe(e => !string.IsNullOrEmpty(e.EventId));
    }

    [Fact]
    public async Task A_listener_that_is_up_to_date_is_heard_at_once()
    {
        await fixture.AwaitingApprovalAsync("uptodate");
        var seen = await HearAsync(fixture.Http, "uptodate", lastId: null, until: e => e.Data.Contains("AwaitingApproval", StringComparison.Ordinal));
        using var limit = new CancellationTokenSource(Limit);

        using var response = await OpenAsync(fixture.Http, "uptodate", seen[^1].EventId, limit.Token);

        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
    }

    [Fact]
    public async Task Silence_is_filled_with_comments_that_are_no_events()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { EventKeepAlive = TimeSpan.FromSeconds(1), EventRefresh = TimeSpan.FromMilliseconds(50) });
        using var http = new HttpClient { BaseAddress = starter.Address };
        await fixture.AwaitingApprovalAsync("silent");
        using var limit = new CancellationTokenSource(Limit);
        using var response = await OpenAsync(http, "silent", lastId: null, limit.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));

        string? line;
        do
            line = await reader.ReadLineAsync(limit.Token);
        while (line is not null && !line.StartsWith(':'));

        line.ShouldBe(": still here");
    }

    [Fact]
    public async Task A_process_that_stops_ends_its_streams_as_if_they_had_broken_off()
    {
        var starter = await fixture.StartAsync(new StarterOptions());
        using var http = new HttpClient { BaseAddress = starter.Address };
        await fixture.AwaitingApprovalAsync("stopped");
        using var limit = new CancellationTokenSource(Limit);
        using var response = await OpenAsync(http, "stopped", lastId: null, limit.Token);
        await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);

        await starter.DisposeAsync();
        var heard = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(limit.Token))
            heard.Add(item);

        heard.ShouldNotContain(e => e.EventType == "end");
    }

    private static string PathOf(string name) => $"{ApiPaths.Services}/{name}-staging";

    private static Task<HttpResponseMessage> OpenAsync(HttpClient http, string name, string? lastId, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Get, PathOf(name) + "/events");
        if (lastId is not null)
            message.Headers.Add("Last-Event-ID", lastId);
        return http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static async Task<List<SseItem<string>>> HearAsync(HttpClient http, string name, string? lastId, Func<SseItem<string>, bool> until)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var response = await OpenAsync(http, name, lastId, limit.Token);
        await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);
        var heard = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(limit.Token))
        {
            heard.Add(item);
            if (until(item))
                break;
        }
        return heard;
    }
}
