using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Starter.Http;
using Onramp.Starter.Security;
using Onramp.Testing;
using Onramp.Workflows.Contracts;
using Temporalio.Common;

namespace Onramp.Starter.Tests;

/// <summary>The API's description tells the truth: each answer that it documents is given, in the form and with the headers that it says.</summary>
public sealed class ApiStatusTests(WorkedFixture fixture) : IClassFixture<WorkedFixture>
{
    private const string Services = ApiPaths.Services;
    private const string Token = "0123456789abcdef-grace";
    private const string Nothing = $"{Services}/nothing-staging";

    private static readonly string Digest = new('a', 64);

    private static readonly Dictionary<string, (HttpMethod Method, string Path)> Operations = new(StringComparer.Ordinal)
    {
        ["requestService"] = (HttpMethod.Post, Services),
        ["listServices"] = (HttpMethod.Get, Services),
        ["getService"] = (HttpMethod.Get, Nothing),
        ["decide"] = (HttpMethod.Post, Nothing + "/approvals"),
        ["cancelService"] = (HttpMethod.Delete, Nothing),
        ["followService"] = (HttpMethod.Get, Nothing + "/events"),
    };

    /// <summary>How to come by each answer. Those that any operation gives are made for all of them alike.</summary>
    private static readonly Dictionary<string, Func<WorkedFixture, Task<HttpResponseMessage>>> Scenarios = new(StringComparer.Ordinal)
    {
        ["requestService 202"] = f => f.SendAsync(HttpMethod.Post, Services, Request("accepted")),
        ["requestService 400"] = f => f.SendAsync(HttpMethod.Post, Services, Request("Not a name")),
        ["requestService 409"] = async f => await AfterAsync(f.SendAsync(HttpMethod.Post, Services, Request("twice")), () => f.SendAsync(HttpMethod.Post, Services, Request("twice", plan: "large"))),
        ["requestService 413"] = f => f.SendAsync(HttpMethod.Post, Services, Request(new string('x', 70_000))),
        ["requestService 415"] = f => f.Http.PostAsync(Services, new StringContent("name: orders", null, "application/yaml")),
        ["requestService 422"] = async f => await AfterAsync(KeyedAsync(f, Request("keyed")), () => KeyedAsync(f, Request("other"))),
        ["listServices 200"] = f => f.Http.GetAsync(Services),
        ["listServices 400"] = f => f.Http.GetAsync($"{Services}?pageSize=0"),
        ["getService 200"] = async f => await AfterAsync(f.SendAsync(HttpMethod.Post, Services, Request("shown")), () => f.Http.GetAsync($"{Services}/shown-development")),
        ["getService 400"] = f => f.Http.GetAsync($"{Nothing}?runId=first"),
        ["getService 404"] = f => f.Http.GetAsync(Nothing),
        ["decide 200"] = f => DecideAsync(f, "decided", approver: "grace"),
        ["decide 400"] = f => f.SendAsync(HttpMethod.Post, $"{Nothing}/approvals", new { verdict = "maybe" }),
        ["decide 403"] = f => DecideAsync(f, "own", approver: "ada"),
        ["decide 404"] = f => f.SendAsync(HttpMethod.Post, $"{Nothing}/approvals", new { verdict = "approve", planDigest = Digest, approver = "grace" }),
        ["decide 409"] = async f => await AfterAsync(DecideAsync(f, "late", "grace", "reject"), () => DecideAgainAsync(f, "late")),
        ["decide 413"] = f => f.SendAsync(HttpMethod.Post, $"{Nothing}/approvals", new { comment = new string('x', 70_000) }),
        ["decide 415"] = f => f.Http.PostAsync($"{Nothing}/approvals", new StringContent("approve", null, "text/plain")),
        ["decide 422"] = async f => await AfterAsync(DecideAsync(f, "reused", "grace", decisionId: "1"), () => DecideAgainAsync(f, "reused", decisionId: "1")),
        ["cancelService 202"] = async f => await AfterAsync(f.AwaitingApprovalAsync("calledoff"), () => f.Http.DeleteAsync($"{Services}/calledoff-staging")),
        ["cancelService 404"] = f => f.Http.DeleteAsync(Nothing),
        ["cancelService 409"] = async f => await AfterAsync(EndedAsync(f, "ended"), () => f.Http.DeleteAsync($"{Services}/ended-staging")),
        ["followService 200"] = async f => await AfterAsync(EndedAsync(f, "followed"), () => f.Http.GetAsync($"{Services}/followed-staging/events")),
        ["followService 404"] = f => f.Http.GetAsync($"{Nothing}/events"),
    };

    static ApiStatusTests()
    {
        foreach (var (name, (method, path)) in Operations)
        {
            Scenarios.Add($"{name} 401", f => WithoutTokenAsync(f, method, path));
            Scenarios.Add($"{name} 429", f => TooOftenAsync(f, method, path));
            Scenarios.Add($"{name} 503", _ => WithoutServerAsync(name, method, path));
        }
    }

    public static TheoryData<string> Names => [.. Scenarios.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_documented_answer_is_given_as_documented(string scenario)
    {
        var documented = (await DocumentedAsync())[scenario];

        using var response = await Scenarios[scenario](fixture);

        $"{(int)response.StatusCode}".ShouldBe(scenario.Split(' ')[1], await response.Content.ReadAsStringAsync());
        documented.ContentTypes.ShouldContain(response.Content.Headers.ContentType!.MediaType!);
        documented.Headers.Where(name => !response.Headers.Contains(name)).ShouldBeEmpty();
        if (!response.IsSuccessStatusCode)
            documented.Kinds.ShouldContain(JsonSerializer.Deserialize<Problem>(await response.Content.ReadAsStringAsync(), ApiJson.Options)!.Type);
    }

    [Fact]
    public async Task Every_documented_answer_has_its_scenario() => (await DocumentedAsync()).Keys.ShouldBe(Scenarios.Keys, ignoreOrder: true);

    [Fact]
    public async Task Event_streams_beyond_the_limit_are_told_when_to_come_back()
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { MaxEventStreams = 1 });
        using var http = new HttpClient { BaseAddress = starter.Address };
        await fixture.AwaitingApprovalAsync("crowded");
        using var open = await http.GetAsync($"{Services}/crowded-staging/events", HttpCompletionOption.ResponseHeadersRead);

        using var refused = await http.GetAsync($"{Services}/crowded-staging/events");

        (refused.StatusCode, refused.Headers.RetryAfter is null).ShouldBe((HttpStatusCode.TooManyRequests, false));
    }

    /// <summary>What the description says of each answer.</summary>
    private sealed record Documented(string[] ContentTypes, string[] Headers, string[] Kinds);

    private async Task<Dictionary<string, Documented>> DocumentedAsync()
    {
        using var description = JsonDocument.Parse(await fixture.Http.GetStringAsync(ApiPaths.OpenApi));
        return description.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .SelectMany(operation => operation.Value.GetProperty("responses").EnumerateObject(), (operation, response) => (operation, response))
            .ToDictionary(
                pair => $"{pair.operation.Value.GetProperty("operationId").GetString()} {pair.response.Name}",
                pair => Read(pair.response.Value),
                StringComparer.Ordinal);
    }

    private static Documented Read(JsonElement response) => new(
        [.. response.GetProperty("content").EnumerateObject().Select(content => content.Name)],
        [.. response.GetProperty("headers").EnumerateObject().Select(header => header.Name)],
        [.. response.GetProperty("content").EnumerateObject()
            .Where(content => content.Value.TryGetProperty("examples", out _))
            .SelectMany(content => content.Value.GetProperty("examples").EnumerateObject())
            .Select(example => example.Value.GetProperty("value").GetProperty("type").GetString()!)]);

    private static object Request(string name, string plan = "small") => new { name, team = "payments", environment = "development", plan };

    private static async Task<HttpResponseMessage> AfterAsync(Task before, Func<Task<HttpResponseMessage>> act)
    {
        await before;
        return await act();
    }

    private static Task<HttpResponseMessage> KeyedAsync(WorkedFixture fixture, object body)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, Services) { Content = new StringContent(JsonSerializer.Serialize(body), null, "application/json") };
        message.Headers.Add("Idempotency-Key", "used-twice");
        return fixture.Http.SendAsync(message);
    }

    private static async Task<HttpResponseMessage> DecideAsync(WorkedFixture fixture, string name, string approver, string verdict = "approve", string decisionId = "")
    {
        var progress = await fixture.AwaitingApprovalAsync(name);
        return await fixture.SendAsync(HttpMethod.Post, $"{Services}/{name}-staging/approvals", WorkedFixture.Decision(progress, verdict, approver, decisionId));
    }

    private static async Task<HttpResponseMessage> DecideAgainAsync(WorkedFixture fixture, string name, string decisionId = "")
    {
        var progress = await fixture.UntilAsync($"{name}-staging", _ => true);
        return await fixture.SendAsync(HttpMethod.Post, $"{Services}/{name}-staging/approvals", WorkedFixture.Decision(progress, approver: "linus", decisionId: decisionId));
    }

    private static async Task EndedAsync(WorkedFixture fixture, string name)
    {
        var progress = await fixture.AwaitingApprovalAsync(name);
        await fixture.Temporal.GetWorkflowHandle(progress.WorkflowId, progress.RunId).TerminateAsync("test");
    }

    private static async Task<HttpResponseMessage> WithoutTokenAsync(WorkedFixture fixture, HttpMethod method, string path)
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { Tokens = [ApiToken.FromToken("grace", ["platform"], Token)] });
        using var http = new HttpClient { BaseAddress = starter.Address };
        return await http.SendAsync(new HttpRequestMessage(method, path));
    }

    private static async Task<HttpResponseMessage> TooOftenAsync(WorkedFixture fixture, HttpMethod method, string path)
    {
        await using var starter = await fixture.StartAsync(new StarterOptions { RequestsPerMinute = 1 });
        using var http = new HttpClient { BaseAddress = starter.Address };
        using var first = await http.GetAsync(Services);
        return await http.SendAsync(new HttpRequestMessage(method, path));
    }

    /// <summary>The server has gone away under a starter that was well connected.</summary>
    private static async Task<HttpResponseMessage> WithoutServerAsync(string operation, HttpMethod method, string path)
    {
        var environment = await EmbeddedEnvironment.StartAsync(
            OnboardingSearchAttributes.All.Select(SearchAttributeKey.CreateKeyword), configureClient: client => client.RpcRetry = new() { MaxRetries = 1 });
        await using var starter = await StarterHost.StartAsync(
            new StarterOptions { QueryTimeout = TimeSpan.FromMilliseconds(300), ServerTimeout = TimeSpan.FromMilliseconds(300) }, environment.Client, NullLoggerFactory.Instance);
        await environment.DisposeAsync();
        using var http = new HttpClient { BaseAddress = starter.Address };
        var message = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
        {
            object body = operation == "decide" ? new { verdict = "approve", planDigest = Digest, approver = "grace" } : Request("unserved");
            message.Content = new StringContent(JsonSerializer.Serialize(body), null, "application/json");
        }
        return await http.SendAsync(message);
    }
}
