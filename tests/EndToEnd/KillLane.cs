using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Onramp.Starter;

namespace Onramp.EndToEnd.Tests;

/// <summary>A request as it was sent and answered first.</summary>
internal sealed class KillRequest(string service, string kind, int number, string path, JsonObject body)
{
    public string Service => service;
    public string Kind => kind;
    public string Path => path;
    public JsonObject Body => body;
    public string Key { get; } = $"{service}-{kind}-{number}";
    public string? ChangeId { get; set; }

    /// <summary>What makes it worth asking is done.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>0 until the service has it.</summary>
    public int Number { get; set; }
}

/// <summary>When a change was under way.</summary>
internal sealed record KillSpan(string Kind, DateTimeOffset From, DateTimeOffset To)
{
    public bool IsAt(DateTimeOffset moment) => From <= moment && moment < To;
}

/// <summary>
/// Changes of one service, one after the other over all lives of the process: the next is asked for when the one before has completed. A life that ends leaves it where it
/// is; the next one is asked the same again, and answers the same. What was answered or has completed has moved.
/// </summary>
internal sealed class KillLane(Uri api, HttpClient http, Func<int, KillRequest> next, Func<KillRequest, Task> prepare, Action moved)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly List<KillRequest> asked = [];
    private KillRequest? current;

    /// <summary>Everything that was asked for, in order.</summary>
    public IReadOnlyList<KillRequest> Asked => asked;

    /// <summary>When each change that completed was under way.</summary>
    public HashSet<KillSpan> Spans { get; } = [];

    /// <summary>Asks and awaits until the life ends, or until this is done.</summary>
    /// <param name="isLast">What is under way is awaited, and nothing further is asked for.</param>
    /// <param name="life">Cancelled just before the process is killed.</param>
    public async Task WalkAsync(Func<bool> isLast, CancellationToken life)
    {
        try
        {
            while (current is not null || !isLast())
            {
                if (current is null)
                    asked.Add(current = next(asked.Count));
                if (!current.IsPrepared)
                    await prepare(current);
                current.IsPrepared = true;
                await AskAsync(current);
                moved();
                await CompletedAsync(current);
                moved();
                if (current.Kind == "offboard")
                    await GoneAsync(current.Service);
                current = null;
            }
        }
        catch (HttpRequestException) when (life.IsCancellationRequested)
        {
            // Whoever asks a process that ends gets no answer, and asks again.
        }
    }

    /// <summary>Asks, for the first time or again: the answer is the same, but that a number is only known once the service has the request.</summary>
    public async Task AskAsync(KillRequest request)
    {
        using var response = await SendAsync(() =>
        {
            var message = new HttpRequestMessage(HttpMethod.Post, new Uri(api, request.Path)) { Content = JsonContent.Create(request.Body) };
            message.Headers.Add("Idempotency-Key", request.Key);
            return message;
        });
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, $"{request.Key}: {text}");
        var answer = JsonNode.Parse(text)!;
        (request.ChangeId ??= answer["changeId"]!.ToString()).ShouldBe(answer["changeId"]!.ToString());
        var number = answer["number"]!.GetValue<int>();
        if (request.Number > 0)
            number.ShouldBe(request.Number);
        request.Number = number;
    }

    private async Task CompletedAsync(KillRequest request)
    {
        var change = await UntilAsync($"{ApiPaths.Preview}/{request.Service}/changes/{request.ChangeId}", c => c["outcome"]!.ToString() != "none", c => c["message"]!.ToString());
        change["outcome"]!.ToString().ShouldBe("completed", $"{request.Key}: {change["message"]}");
        Spans.Add(new KillSpan(change["order"]!["kind"]!.ToString(), change["askedAt"]!.GetValue<DateTimeOffset>(), change["endedAt"]!.GetValue<DateTimeOffset>()));
    }

    /// <summary>What was offboarded goes by itself, with all that belonged to it: two more changes, of the service's own.</summary>
    private async Task GoneAsync(string service)
    {
        var gone = await UntilAsync(
            $"{ApiPaths.Preview}/{service}", s => s["status"]!.ToString() == "gone" && s["inventory"]!.AsArray().Count == 0 && s["open"]!.AsArray().Count == 0, s => s["status"]!.ToString());
        Spans.UnionWith(gone["ended"]!.AsArray().Where(e => e!["change"]!["order"]!["kind"]!.ToString() is "remove" or "clean").Select(e => new KillSpan(
            e!["change"]!["order"]!["kind"]!.ToString(), e["change"]!["askedAt"]!.GetValue<DateTimeOffset>(), e["endedAt"]!.GetValue<DateTimeOffset>())));
    }

    /// <summary>Together the lanes may ask more than one caller may: who is told to wait waits.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make)
    {
        while (true)
        {
            using var message = make();
            var response = await http.SendAsync(message);
            if (response.StatusCode != HttpStatusCode.TooManyRequests)
                return response;
            var wait = response.Headers.RetryAfter?.Delta ?? Pause;
            response.Dispose();
            await Task.Delay(wait);
        }
    }

    private async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> condition, Func<JsonNode, string> describe)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(api, path)));
            var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            if (response.IsSuccessStatusCode && condition(seen))
                return seen;
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(Patience, $"{path}: {(response.IsSuccessStatusCode ? describe(seen) : seen.ToJsonString())}");
            await Task.Delay(Pause);
        }
    }
}
