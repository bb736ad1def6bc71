using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Starter;
using Xunit.Abstractions;

namespace Onramp.EndToEnd.Tests;

/// <summary>
/// The whole process is killed without warning while a change of every kind is under way, twenty times at random moments. Every change still completes, each
/// thing is made once, and every request that is repeated is answered the same.
/// </summary>
public sealed class ServiceKillTests(ITestOutputHelper log) : IDisposable
{
    private const int Kills = 20;
    private const int LongestLifeMilliseconds = 1500;
    private const string Environment = "development";

    /// <summary>Kinds beside onboarding; each life takes a service that is there for each.</summary>
    private static readonly string[] Kinds = ["configure", "repair", "offboard"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly HttpClient http = new();
    private readonly string folder = Directory.CreateTempSubdirectory("onramp-service-kill-").FullName;
    private readonly int[] ports = OnrampProcess.FreePorts(2);
    private readonly int sandbox = FreeRow(SandboxHost.Systems.Count);
    private readonly List<Asked> asked = [];

    /// <summary>A request as it was sent and answered first.</summary>
    private sealed class Asked(string service, string kind, string path, JsonObject body)
    {
        public string Service => service;
        public string Kind => kind;
        public string Path => path;
        public JsonObject Body => body;
        public string Key { get; } = $"{service}-{kind}";
        public string? ChangeId { get; set; }

        /// <summary>0 until the service has it.</summary>
        public int Number { get; set; }
    }

    [Fact]
    public async Task Killed_at_twenty_random_moments_of_every_kind_each_thing_is_made_once_and_every_request_is_answered_the_same()
    {
        var seed = int.TryParse(System.Environment.GetEnvironmentVariable("ONRAMP_SEED"), CultureInfo.InvariantCulture, out var given) ? given : System.Environment.TickCount;
        log.WriteLine($"seed {seed} (set ONRAMP_SEED to repeat)");
        var random = new Random(seed);
        var began = Stopwatch.GetTimestamp();
        var there = new Queue<string>();
        await using (var process = await StartAsync())
        {
            for (var i = 0; i < Kills * Kinds.Length; i++)
                there.Enqueue(await OnboardAsync($"there-{i + 1}"));
            await EndedAsync();
        }
        log.WriteLine($"{there.Count} services are there after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        for (var kill = 1; kill <= Kills; kill++)
        {
            await using var process = await StartAsync();
            await OnboardAsync($"new-{kill}");
            foreach (var kind in Kinds)
                await ChangeAsync(there.Dequeue(), kind);
            // The moment is the point: changes of every kind are under way, and how far they have come must not matter.
            await Task.Delay(random.Next(LongestLifeMilliseconds));
            await process.KillAsync();
        }
        log.WriteLine($"{Kills} kills after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        await using (var process = await StartAsync())
        {
            await EndedAsync();
            foreach (var request in asked)
                await AskAsync(request);
            await GoneAsync();
            await AuditAsync();
        }
        log.WriteLine($"{asked.Count} changes, all completed after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<OnrampProcess> StartAsync()
    {
        var quick = Quick.Settings(
            ("Services:Grace", "00:00:00"), ("Services:Poll", "00:00:00.100"), ("Services:Retry", "00:00:00.100"), ("Services:StuckRetry", "00:00:00.200"));
        var process = OnrampProcess.Start(
            [
                "up", "--data", folder, "--api-listen", $"127.0.0.1:{ports[0]}", "--temporal-listen", $"127.0.0.1:{ports[1]}",
                "--sandbox-port", sandbox.ToString(CultureInfo.InvariantCulture), "--log-level", "error",
            ],
            [.. quick.Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value))]);
        await process.Ready.WaitAsync(Patience);
        return process;
    }

    private async Task<string> OnboardAsync(string service)
    {
        await AskAsync(Note(service, "onboard", ApiPaths.Preview, new JsonObject
        {
            ["name"] = service, ["team"] = "payments", ["environment"] = Environment, ["description"] = "Survives", ["labels"] = new JsonObject { ["tier"] = "gold" },
        }));
        return service;
    }

    private async Task ChangeAsync(string service, string kind)
    {
        var body = new JsonObject { ["kind"] = kind, ["environment"] = Environment };
        if (kind == "configure")
            body["labels"] = new JsonObject { ["tier"] = "silver" };
        if (kind == "repair")
            await TakeLabelAwayAsync(service);
        await AskAsync(Note(service, kind, $"{ApiPaths.Preview}/{service}/changes", body));
    }

    private Asked Note(string service, string kind, string path, JsonObject body)
    {
        var request = new Asked(service, kind, path, body);
        asked.Add(request);
        return request;
    }

    /// <summary>Asks, for the first time or again: the answer is the same, but that a number is only known once the service has the request.</summary>
    private async Task AskAsync(Asked request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, Url(request.Path)) { Content = JsonContent.Create(request.Body) };
        message.Headers.Add("Idempotency-Key", request.Key);
        using var response = await http.SendAsync(message);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, text);
        var answer = JsonNode.Parse(text)!;
        (request.ChangeId ??= answer["changeId"]!.ToString()).ShouldBe(answer["changeId"]!.ToString());
        var number = answer["number"]!.GetValue<int>();
        if (request.Number > 0)
            number.ShouldBe(request.Number);
        request.Number = number;
    }

    private async Task EndedAsync()
    {
        foreach (var request in asked)
        {
            var change = await UntilAsync($"{ApiPaths.Preview}/{request.Service}/changes/{request.ChangeId}", c => c["outcome"]!.ToString() != "none", c => c["message"]!.ToString());
            change["outcome"]!.ToString().ShouldBe("completed", $"{request.Key}: {change["message"]}");
        }
    }

    /// <summary>What was offboarded is gone, with all that belonged to it.</summary>
    private async Task GoneAsync()
    {
        foreach (var request in asked.Where(a => a.Kind == "offboard"))
            await UntilAsync($"{ApiPaths.Preview}/{request.Service}", s => s["status"]!.ToString() == "gone" && s["inventory"]!.AsArray().Count == 0, s => s["status"]!.ToString());
    }

    private async Task AuditAsync()
    {
        using var control = new SandboxControl(new Uri($"http://127.0.0.1:{sandbox}/_sandbox/"));
        var ledger = await control.LedgerAsync();
        Ledgers.CreatedTwice(ledger).ShouldBeEmpty();
        var gone = asked.Where(a => a.Kind == "offboard").Select(a => a.Service).ToHashSet(StringComparer.Ordinal);
        var there = asked.Select(a => a.Service).Distinct(StringComparer.Ordinal).Where(s => !gone.Contains(s)).ToList();
        var namespaces = (await KubernetesAsync(HttpMethod.Get, "/api/v1/namespaces", null))["items"]!.AsArray()
            .Where(n => n!["metadata"]!["labels"]?["platform.io/service"] is not null)
            .ToDictionary(n => n!["metadata"]!["name"]!.ToString(), n => n!["metadata"]!["labels"]!["tier"]?.ToString(), StringComparer.Ordinal);
        var silver = asked.Where(a => a.Kind == "configure").Select(a => a.Service).ToHashSet(StringComparer.Ordinal);
        namespaces.Select(n => $"{n.Key} {n.Value}").Order(StringComparer.Ordinal).ShouldBe(there.Select(s => $"{s}-dev {(silver.Contains(s) ? "silver" : "gold")}").Order(StringComparer.Ordinal));
        log.WriteLine($"{ledger.Count} calls that could change something, {ledger.Count(e => e.Applied)} that did");
    }

    private async Task TakeLabelAwayAsync(string service) =>
        await KubernetesAsync(HttpMethod.Patch, $"/api/v1/namespaces/{service}-dev", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["tier"] = null } } });

    private async Task<JsonNode> KubernetesAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{sandbox + 1}{path}"));
        request.Headers.Authorization = new("Bearer", new SandboxCredentials().KubernetesToken);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/merge-patch+json");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    private async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> condition, Func<JsonNode, string> describe)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var response = await http.GetAsync(Url(path));
            var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            if (response.IsSuccessStatusCode && condition(seen))
                return seen;
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(Patience, $"{path}: {(response.IsSuccessStatusCode ? describe(seen) : seen.ToJsonString())}");
            await Task.Delay(100);
        }
    }

    private Uri Url(string path) => new($"http://127.0.0.1:{ports[0]}{path}");

    /// <summary>The first of so many free ports in a row.</summary>
    private static int FreeRow(int count)
    {
        while (true)
        {
            var first = OnrampProcess.FreePorts(1)[0];
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
