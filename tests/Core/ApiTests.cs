using System.Net;
using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Starter.Security;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests;

/// <summary>The preview API, as callers see it.</summary>
public sealed class ApiTests
{
    [Fact]
    public async Task A_request_is_accepted_carried_out_and_read()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var accepted = await api.PostAsync(Api.Services, Orders("development"), key: "one");
        accepted["state"]!.ToString().ShouldBe("accepted");
        await world.EndedAsync("orders", accepted["changeId"]!.ToString());
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        var service = await Eventually.AsAsync(() => api.GetAsync($"{Api.Services}/orders"), s => s["status"]!.ToString() == "active", s => s["status"]!.ToString());
        service["inventory"]!.AsArray().Select(i => i!["name"]!.ToString()).ShouldBe(["acme/orders", "orders-dev", "orders-dev/onramp-labels"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_same_request_under_the_same_key_is_the_same_change_on_every_starter()
    {
        await using var world = await World.StartAsync();
        await using var one = await Api.StartAsync(world);
        await using var other = await Api.StartAsync(world);
        var first = await one.PostAsync(Api.Services, Orders("development"), key: "one");
        var second = await other.PostAsync(Api.Services, Orders("development"), key: "one");
        (second["changeId"]!.ToString(), second["number"]!.ToString()).ShouldBe((first["changeId"]!.ToString(), first["number"]!.ToString()));
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_422_even_for_another_service()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        await api.PostAsync(Api.Services, Orders("development"), key: "one");
        var other = Orders("development");
        other["name"] = "billing";
        (await api.StatusAsync(Api.Services, other, key: "one")).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_same_key_of_another_caller_is_another_request()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var first = await api.PostAsync(Api.Services, Orders("development"), key: "one");
        var others = Orders("staging");
        others["by"] = "bob";
        (await api.PostAsync(Api.Services, others, key: "one"))["changeId"]!.ToString().ShouldNotBe(first["changeId"]!.ToString());
    }

    [Fact]
    public async Task Planning_starts_nothing()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var plan = await api.SendAsync(HttpMethod.Post, $"{Api.Services}/plans", Orders("production"), null, HttpStatusCode.OK);
        plan["actions"]!.AsArray().Select(a => a!["kind"]!.ToString()).ShouldBe(["create", "create", "create"]);
        (await api.StatusAsync($"{Api.Services}/orders", null, null)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_breaks_rules_is_refused_by_field()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var body = Orders("development");
        body["labels"] = new JsonObject { ["platform.io/team"] = "mine" };
        var problem = await api.SendAsync(HttpMethod.Post, Api.Services, body, null, HttpStatusCode.BadRequest);
        problem["errors"]!.AsArray().Select(e => $"{e!["field"]} {e["rule"]}").ShouldBe(["labels.platform.io/team reserved"]);
    }

    [Theory]
    [InlineData("a/b", "a.b", "labels.a.b unique")]
    [InlineData("a..b/c", "d", "labels.a..b/c pattern")]
    [InlineData("-a/c", "d", "labels.-a/c pattern")]
    public async Task Labels_that_some_system_would_refuse_later_are_refused_by_name(string one, string other, string error)
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var body = Orders("development");
        body["labels"] = new JsonObject { [one] = "x", [other] = "y" };

        var problem = await api.SendAsync(HttpMethod.Post, Api.Services, body, null, HttpStatusCode.BadRequest);

        problem["errors"]!.AsArray().Select(e => $"{e!["field"]} {e["rule"]}").ShouldBe([error]);
    }

    [Fact]
    public async Task A_plan_is_approved_by_somebody_else()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var id = (await api.PostAsync(Api.Services, Orders("staging"), key: "one"))["changeId"]!.ToString();
        var view = await world.UntilAsync("orders", id, v => v.Phase == ChangePhase.AwaitingApproval);
        var decision = new JsonObject { ["verdict"] = "approve", ["planDigest"] = view.Plan!.Digest, ["by"] = "grace" };
        (await api.SendAsync(HttpMethod.Post, $"{Api.Services}/orders/changes/{id}/decisions", decision, null, HttpStatusCode.OK))["outcome"]!.ToString().ShouldBe("accepted");
        (await world.EndedAsync("orders", id)).Outcome.ShouldBe(ChangeOutcome.Completed);
    }

    [Fact]
    public async Task Without_a_worker_a_service_is_read_and_a_request_is_taken()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var id = (await api.PostAsync(Api.Services, Orders("development"), key: "one"))["changeId"]!.ToString();
        await world.EndedAsync("orders", id);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
        await Eventually.AsAsync(() => api.GetAsync($"{Api.Services}/orders"), s => s["status"]!.ToString() == "active", s => s["status"]!.ToString());
        await world.StopWorkerAsync();
        (await api.GetAsync($"{Api.Services}/orders"))["status"]!.ToString().ShouldBe("active");
        var taken = await api.PostAsync($"{Api.Services}/orders/changes", new JsonObject { ["kind"] = "offboard", ["environment"] = "development" }, key: "two");
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
        paths.Where(p => p.StartsWith("/api", StringComparison.Ordinal) && !p.StartsWith("/api/v1", StringComparison.Ordinal)).Count().ShouldBe(10);
    }

    [Fact]
    public async Task A_change_is_planned_without_being_started()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        await OnboardedAsync(world, api);
        var change = new JsonObject { ["kind"] = "configure", ["environment"] = "development", ["labels"] = new JsonObject { ["tier"] = "gold" } };
        var plan = await api.SendAsync(HttpMethod.Post, $"{Api.Services}/orders/plans", change, null, HttpStatusCode.OK);
        plan["actions"]!.AsArray().Where(a => a!["kind"]!.ToString() != "keep").Select(a => $"{a!["kind"]} {a["id"]}")
            .ShouldBe(["change namespace@environment:development", "change labels@environment:development"]);
        (await world.StateAsync("orders")).LastNumber.ShouldBe(1);
    }

    [Fact]
    public async Task A_change_is_followed_to_its_end_by_its_events()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var id = (await api.PostAsync(Api.Services, Orders("development"), key: "one"))["changeId"]!.ToString();
        var events = await api.FollowAsync($"{Api.Services}/orders/changes/{id}/events").ToListAsync();
        events.Where(e => e.Data["phase"] is not null).Select(e => e.Data["phase"]!.ToString()).Distinct().ShouldBe(["planning", "awaitingTurn", "applying", "verifying", "ended"]);
        events.Where(e => e.Data["state"]?.ToString() == "done").Select(e => e.Data["action"]!.ToString())
            .ShouldBe(["repository@component", "namespace@environment:development", "labels@environment:development"]);
        (events[^1].Name, events[^1].Data["outcome"]!.ToString()).ShouldBe(("end", "completed"));
    }

    [Fact]
    public async Task A_listener_that_comes_back_is_told_what_it_missed_at_another_starter()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        await using var other = await Api.StartAsync(world);
        var id = (await api.PostAsync(Api.Services, Orders("development"), key: "one"))["changeId"]!.ToString();
        var all = await api.FollowAsync($"{Api.Services}/orders/changes/{id}/events").ToListAsync();
        var rest = await other.FollowAsync($"{Api.Services}/orders/changes/{id}/events", after: all[2].Id).ToListAsync();
        rest.Select(e => e.Id).ShouldBe(all.Skip(3).Select(e => e.Id));
    }

    [Fact]
    public async Task With_tokens_the_token_says_who_asks_and_for_which_groups_somebody_decides()
    {
        await using var world = await World.StartAsync();
        await using var host = await Api.StartAsync(world, Tokens);
        var (ada, bob, grace) = (host.With("ada-0123456789abcdef"), host.With("bob-0123456789abcdef"), host.With("grace-0123456789abcdef"));
        var id = (await ada.PostAsync(Api.Services, Orders("staging"), key: "one"))["changeId"]!.ToString();
        var view = await world.UntilAsync("orders", id, v => v.Phase == ChangePhase.AwaitingApproval);
        var decisions = $"{Api.Services}/orders/changes/{id}/decisions";
        JsonObject Approve() => new() { ["verdict"] = "approve", ["planDigest"] = view.Plan!.Digest };
        (await host.StatusAsync(decisions, Approve(), null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await ada.StatusAsync(decisions, Approve(), null)).ShouldBe(HttpStatusCode.Forbidden);
        (await bob.StatusAsync(decisions, Approve(), null)).ShouldBe(HttpStatusCode.Forbidden);
        (await grace.StatusAsync(decisions, Approve(), null)).ShouldBe(HttpStatusCode.OK);
        var ended = await world.EndedAsync("orders", id);
        (ended.AskedBy.Name, ended.AskedBy.Via, ended.Approval!.Decisions.Last(d => d.Outcome == Onramp.Workflows.Contracts.DecisionOutcome.Accepted).Decision.Approver)
            .ShouldBe(("ada", Principal.Token, "grace"));
    }

    [Fact]
    public async Task Nobody_is_somebody_else_than_the_token_says()
    {
        await using var world = await World.StartAsync();
        await using var host = await Api.StartAsync(world, Tokens);
        var orders = Orders("development");
        orders["by"] = "grace";
        (await host.With("ada-0123456789abcdef").StatusAsync(Api.Services, orders, "one")).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_id_of_a_decision_belongs_to_one_person()
    {
        await using var world = await World.StartAsync();
        await using var api = await Api.StartAsync(world);
        var id = (await api.PostAsync(Api.Services, Orders("production"), key: "one"))["changeId"]!.ToString();
        var view = await world.UntilAsync("orders", id, v => v.Phase == ChangePhase.AwaitingApproval);
        JsonObject Approve(string by) => new() { ["verdict"] = "approve", ["planDigest"] = view.Plan!.Digest, ["decisionId"] = "4711", ["by"] = by };
        (await api.StatusAsync($"{Api.Services}/orders/changes/{id}/decisions", Approve("grace"), null)).ShouldBe(HttpStatusCode.OK);
        (await api.StatusAsync($"{Api.Services}/orders/changes/{id}/decisions", Approve("hopper"), null)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private static ApiToken[] Tokens =>
    [
        ApiToken.FromToken("ada", ["payments"], "ada-0123456789abcdef"),
        ApiToken.FromToken("bob", ["billing"], "bob-0123456789abcdef"),
        ApiToken.FromToken("grace", ["platform"], "grace-0123456789abcdef"),
    ];

    private static async Task OnboardedAsync(World world, Api api)
    {
        var id = (await api.PostAsync(Api.Services, Orders("development"), key: "onboard"))["changeId"]!.ToString();
        (await world.EndedAsync("orders", id)).Outcome.ShouldBe(ChangeOutcome.Completed);
        await world.StateUntilAsync("orders", s => s.Open.Count == 0);
    }

    private static JsonObject Orders(string environment) =>
        new() { ["name"] = "orders", ["team"] = "payments", ["environment"] = environment, ["description"] = "Takes orders" };
}
