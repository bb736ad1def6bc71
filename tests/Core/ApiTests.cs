using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Core.Tests.Support;
using Onramp.Starter;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests;

/// <summary>The preview API, as callers see it.</summary>
public sealed class ApiTests
{
    private const string Services = "api/v2-preview/services";

    [Fact]
    public async Task A_request_is_accepted_carried_out_and_read()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var accepted = await api.PostAsync(Services, Orders("development"), key: "one");
        accepted["state"]!.ToString().ShouldBe("accepted");
        await world.EndedAsync("orders", accepted["changeId"]!.ToString());
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        var service = await Eventually.AsAsync(() => api.GetAsync($"{Services}/orders"), s => s["status"]!.ToString() == "active", s => s["status"]!.ToString());
        service["inventory"]!.AsArray().Select(i => i!["name"]!.ToString()).ShouldBe(["acme/orders", "orders-dev", "orders-dev/onramp-labels"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_same_request_under_the_same_key_is_the_same_change_on_every_starter()
    {
        await using var world = await World.StartAsync();
        await using var one = await Api.StartAsync(world);
        await using var other = await Api.StartAsync(world);
        var first = await one.PostAsync(Services, Orders("development"), key: "one");
        var second = await other.PostAsync(Services, Orders("development"), key: "one");
        (second["changeId"]!.ToString(), second["number"]!.ToString()).ShouldBe((first["changeId"]!.ToString(), first["number"]!.ToString()));
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_422_even_for_another_service()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        await api.PostAsync(Services, Orders("development"), key: "one");
        var other = Orders("development");
        other["name"] = "billing";
        (await api.StatusAsync(Services, other, key: "one")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_same_key_of_another_caller_is_another_request()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var first = await api.PostAsync(Services, Orders("development"), key: "one");
        var others = Orders("staging");
        others["by"] = "bob";
        (await api.PostAsync(Services, others, key: "one"))["changeId"]!.ToString().ShouldNotBe(first["changeId"]!.ToString());
    }

    [Fact]
    public async Task Planning_starts_nothing()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var plan = await api.SendAsync(HttpMethod.Post, $"{Services}/plans", Orders("production"), null, HttpStatusCode.OK);
        plan["actions"]!.AsArray().Select(a => a!["kind"]!.ToString()).ShouldBe(["create", "create", "create"]);
        (await api.StatusAsync($"{Services}/orders", null, null)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_breaks_rules_is_refused_by_field()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var body = Orders("development");
        body["labels"] = new JsonObject { ["platform.io/team"] = "mine" };
        var problem = await api.SendAsync(HttpMethod.Post, Services, body, null, HttpStatusCode.BadRequest);
        problem["errors"]!.AsArray().Select(e => $"{e!["field"]} {e["rule"]}").ShouldBe(["labels.platform.io/team reserved"]);
    }

    [Fact]
    public async Task A_plan_is_approved_by_somebody_else()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var id = (await api.PostAsync(Services, Orders("staging"), key: "one"))["changeId"]!.ToString();
        var view = await world.UntilAsync("orders", id, v => v.Phase == ChangePhase.AwaitingApproval);
        var decision = new JsonObject { ["verdict"] = "approve", ["planDigest"] = view.Plan!.Digest, ["by"] = "grace" };
        (await api.SendAsync(HttpMethod.Post, $"{Services}/orders/changes/{id}/decisions", decision, null, HttpStatusCode.OK))["outcome"]!.ToString().ShouldBe("accepted");
        (await world.EndedAsync("orders", id)).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    [Fact]
    public async Task Without_a_worker_a_service_is_read_and_a_request_is_taken()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var id = (await api.PostAsync(Services, Orders("development"), key: "one"))["changeId"]!.ToString();
        await world.EndedAsync("orders", id);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        await Eventually.AsAsync(() => api.GetAsync($"{Services}/orders"), s => s["status"]!.ToString() == "active", s => s["status"]!.ToString());
        await world.StopWorkerAsync();
        (await api.GetAsync($"{Services}/orders"))["status"]!.ToString().ShouldBe("active");
        var taken = await api.PostAsync($"{Services}/orders/changes", new JsonObject { ["kind"] = "offboard", ["environment"] = "development" }, key: "two");
        taken["state"]!.ToString().ShouldBe("taken");
        world.StartWorker();
        (await world.EndedAsync("orders", taken["changeId"]!.ToString())).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    [Fact]
    public async Task It_describes_itself_apart_from_v1()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var paths = (await api.GetAsync("openapi/v2-preview.json"))["paths"]!.AsObject().Select(p => p.Key);
        paths.Where(p => p.StartsWith("/api", StringComparison.Ordinal) && !p.StartsWith("/api/v1", StringComparison.Ordinal)).Count().ShouldBe(8);
    }

    private static JsonObject Orders(string environment) =>
        new() { ["name"] = "orders", ["team"] = "payments", ["environment"] = environment, ["description"] = "Takes orders" };

    private sealed class Api(StarterHost host) : IAsyncDisposable
    {
        private readonly HttpClient http = new() { BaseAddress = host.Address };

        public static async Task<Api> StartAsync(World world) => new(await StarterHost.StartAsync(
            new StarterOptions { RequestsPerMinute = 1_000_000, QueryTimeout = TimeSpan.FromSeconds(5) }, world.Client, NullLoggerFactory.Instance));

        public Task<JsonNode> PostAsync(string path, JsonObject body, string key) => SendAsync(HttpMethod.Post, path, body, key, HttpStatusCode.Accepted);

        public Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, null, HttpStatusCode.OK);

        public async Task<HttpStatusCode> StatusAsync(string path, JsonObject? body, string? key)
        {
            using var response = await SendAsync(body is null ? HttpMethod.Get : HttpMethod.Post, path, body, key);
            return response.StatusCode;
        }

        public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonObject? body, string? key, HttpStatusCode expected)
        {
            using var response = await SendAsync(method, path, body, key);
            var text = await response.Content.ReadAsStringAsync();
            response.StatusCode.ShouldBe(expected, text);
            return JsonNode.Parse(text)!;
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await host.DisposeAsync();
        }

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject? body, string? key)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            if (key is not null)
                request.Headers.Add("Idempotency-Key", key);
            return await http.SendAsync(request);
        }
    }
}
