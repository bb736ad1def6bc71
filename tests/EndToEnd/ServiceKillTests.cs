using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Onramp.Sandbox;
using Onramp.Starter;
using Xunit.Abstractions;

namespace Onramp.EndToEnd.Tests;

/// <summary>
/// The whole process is killed without warning at random moments while changes of every kind are under way side by side. Every change still completes, each thing is made
/// once, and every request is answered the same when it is repeated. Twenty kills, at which every kind was under way at least once; the long form goes on until every kind
/// was under way at so many kills: <c>ONRAMP_KILL_MOMENTS=20 dotnet test tests/EndToEnd --filter ServiceKill</c>.
/// </summary>
public sealed class ServiceKillTests(ITestOutputHelper log) : IDisposable
{
    private const string MomentsVariable = "ONRAMP_KILL_MOMENTS";
    private const int LeastKills = 20;

    /// <summary>After so many it is given up that every kind is met.</summary>
    private const int MaxKills = 200;

    /// <summary>
    /// A life ends a random moment after so many answers and ends of changes, at most, or none: on any machine, however slow, changes are under way then and everything moves on.
    /// </summary>
    private const int MostMoves = 20;
    private const int LongestMomentMilliseconds = 1000;

    private const string Environment = "development";

    /// <summary>Kinds that are met: offboarding is two changes, and a third takes away what the environments shared.</summary>
    private static readonly string[] Kinds = ["onboard", "configure", "repair", "quiet", "restore", "remove", "clean"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly HttpClient http = new();
    private readonly string folder = Directory.CreateTempSubdirectory("onramp-service-kill-").FullName;
    private readonly int[] ports = OnrampProcess.FreePorts(2);
    private readonly int sandbox = FreeRow(SandboxHost.Systems.Count);

    /// <summary>What has moved in this life.</summary>
    private Channel<bool> moves = Channel.CreateUnbounded<bool>();

    private Uri Api => new($"http://127.0.0.1:{ports[0]}");

    [Fact]
    public async Task Killed_at_twenty_random_moments_of_every_kind_each_thing_is_made_once_and_every_request_is_answered_the_same()
    {
        var seed = int.TryParse(System.Environment.GetEnvironmentVariable("ONRAMP_SEED"), CultureInfo.InvariantCulture, out var given) ? given : System.Environment.TickCount;
        var wanted = int.TryParse(System.Environment.GetEnvironmentVariable(MomentsVariable), CultureInfo.InvariantCulture, out var many) ? many : 1;
        log.WriteLine($"seed {seed} (set ONRAMP_SEED to repeat)");
        var (random, began, kills) = (new Random(seed), Stopwatch.GetTimestamp(), new List<DateTimeOffset>());
        var staying = Enumerable.Range(1, 4).Select(i => $"stays-{i}").Select((s, i) => Lane(n => Staying(s, i, n))).ToList();
        // These begin with a long grace, which they keep: they are restored before they would be removed.
        await using (var process = await StartAsync(grace: "01:00:00"))
            await Task.WhenAll(staying.Select(l => l.WalkAsync(() => l.Asked.Count > 0, CancellationToken.None)));
        var lanes = staying.Concat(Enumerable.Range(1, 3).Select(i => Lane(n => ComingAndGoing(i, n)))).ToList();
        Dictionary<string, int> Moments() => Kinds.ToDictionary(k => k, k => kills.Count(kill => lanes.SelectMany(l => l.Spans).Any(s => s.Kind == k && s.IsAt(kill))), StringComparer.Ordinal);
        while (kills.Count < LeastKills || (Moments().Values.Min() < wanted && kills.Count < MaxKills))
            kills.Add(await LiveAsync(lanes, random.Next(MostMoves + 1), TimeSpan.FromMilliseconds(random.Next(LongestMomentMilliseconds))));
        log.WriteLine($"{kills.Count} kills after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        await using (var process = await StartAsync())
        {
            await Task.WhenAll(lanes.Select(l => l.WalkAsync(() => true, CancellationToken.None)));
            await Task.WhenAll(lanes.Select(AskEverythingAgainAsync));
            await AuditAsync(lanes.SelectMany(l => l.Asked));
        }
        log.WriteLine($"{lanes.Sum(l => l.Spans.Count)} changes, all completed after {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        log.WriteLine($"kills at which a change was under way: {string.Join(", ", Moments().Select(m => $"{m.Value} {m.Key}"))}");
        Moments().Where(m => m.Value < wanted).ShouldBeEmpty();
    }

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What is asked of a service that stays: it is there first, and then it is the same kind of thing over and over.</summary>
    private static KillRequest Staying(string service, int lane, int number) => (number, lane) switch
    {
        (0, _) => Onboard(service, number),
        (_, 0) => Change(service, "configure", number),
        (_, 1) => Change(service, "repair", number),
        _ => Change(service, number % 2 == 1 ? "offboard-for-now" : "restore", number),
    };

    /// <summary>One service after the other, each gone before the next is asked for.</summary>
    private static KillRequest ComingAndGoing(int lane, int number)
    {
        var service = $"goes-{lane}-{number / 2}";
        return number % 2 == 0 ? Onboard(service, number) : Change(service, "offboard", number);
    }

    private static KillRequest Onboard(string service, int number) => new(service, "onboard", number, ApiPaths.Preview, new JsonObject
    {
        ["name"] = service, ["team"] = "payments", ["environment"] = Environment, ["description"] = "Survives", ["labels"] = new JsonObject { ["tier"] = "first" },
    });

    private static KillRequest Change(string service, string kind, int number)
    {
        var body = new JsonObject { ["kind"] = kind == "offboard-for-now" ? "offboard" : kind, ["environment"] = Environment };
        if (kind == "configure")
            body["labels"] = new JsonObject { ["tier"] = $"tier-{number}" };
        return new KillRequest(service, kind, number, $"{ApiPaths.Preview}/{service}/changes", body);
    }

    private static async Task AskEverythingAgainAsync(KillLane lane)
    {
        foreach (var request in lane.Asked)
            await lane.AskAsync(request);
    }

    private KillLane Lane(Func<int, KillRequest> next) => new(Api, http, next, r => r.Kind == "repair" ? TakeLabelAwayAsync(r.Service) : Task.CompletedTask, () => moves.Writer.TryWrite(true));

    /// <summary>One life: every lane goes on, and it ends, perhaps before anything is answered.</summary>
    /// <returns>When it ended.</returns>
    private async Task<DateTimeOffset> LiveAsync(List<KillLane> lanes, int count, TimeSpan then)
    {
        await using var process = await StartAsync();
        using var life = new CancellationTokenSource();
        moves = Channel.CreateUnbounded<bool>();
        var walking = Task.WhenAll(lanes.Select(l => l.WalkAsync(() => false, life.Token)));
        await Task.WhenAny(walking, MomentAsync(count, then));
        await life.CancelAsync();
        var moment = DateTimeOffset.UtcNow;
        await process.KillAsync();
        await walking;
        return moment;
    }

    /// <summary>The moment is the point: changes of every kind are under way, and how far they have come must not matter.</summary>
    private async Task MomentAsync(int count, TimeSpan then)
    {
        var moved = moves.Reader;
        for (var i = 0; i < count; i++)
            await moved.ReadAsync();
        await Task.Delay(then);
    }

    private async Task<OnrampProcess> StartAsync(string grace = "00:00:00")
    {
        var quick = Quick.Settings(
            ("Services:Grace", grace), ("Services:Poll", "00:00:00.100"), ("Services:Retry", "00:00:00.100"), ("Services:StuckRetry", "00:00:00.200"));
        var process = OnrampProcess.Start(
            [
                "up", "--data", folder, "--api-listen", $"127.0.0.1:{ports[0]}", "--temporal-listen", $"127.0.0.1:{ports[1]}",
                "--sandbox-port", sandbox.ToString(CultureInfo.InvariantCulture), "--log-level", "error",
            ],
            [.. quick.Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value))]);
        await process.Ready.WaitAsync(Patience);
        return process;
    }

    /// <summary>Nothing was made twice, and what is there is what was asked for: of what stays, with the labels of the last word.</summary>
    private async Task AuditAsync(IEnumerable<KillRequest> asked)
    {
        using var control = new SandboxControl(new Uri($"http://127.0.0.1:{sandbox}/_sandbox/"));
        var ledger = await control.LedgerAsync();
        Ledgers.CreatedTwice(ledger).ShouldBeEmpty();
        var wanted = asked.GroupBy(a => a.Service, StringComparer.Ordinal).Where(s => s.All(a => a.Kind != "offboard"))
            .Select(s => $"{s.Key}-dev {s.Last(a => a.Body["labels"] is not null).Body["labels"]!["tier"]}");
        var there = (await KubernetesAsync(HttpMethod.Get, "/api/v1/namespaces", null))["items"]!.AsArray()
            .Where(n => n!["metadata"]!["labels"]?["platform.io/service"] is not null)
            .Select(n => $"{n!["metadata"]!["name"]} {n["metadata"]!["labels"]!["tier"]}");
        there.Order(StringComparer.Ordinal).ShouldBe(wanted.Order(StringComparer.Ordinal));
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
