using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>Who gets through to whom, by the policies of both sides.</summary>
public sealed class NetworkFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string NodeLocal = "169.254.20.10";
    private static readonly ServiceRequest Stock = SandboxRun.Orders with { Name = "stock", Dependencies = [] };

    [Theory]
    [InlineData(null, "", true)]
    [InlineData(NodeLocal, "", false)]
    [InlineData(NodeLocal, NodeLocal, true)]
    public async Task F23_names_are_resolved_where_the_cluster_resolves_them(string? cluster, string setting, bool resolved)
    {
        var options = SandboxSettings.Fast();
        options.Seed.NodeLocalDns = cluster;
        await using var sandbox = await SandboxHost.StartAsync(options);
        (string, string)[] settings = setting.Length > 0 ? [("Onramp:Kubernetes:NodeLocalDns", setting)] : [];
        await using var run = SandboxRun.Create(sandbox, settings: settings);
        await NetworkAsync(run);

        (await ReachesAsync(run, "orders-dev", "dns")).ShouldBe(resolved);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dependency_of_the_same_team_is_reached_whichever_was_there_first(bool calleeFirst)
    {
        await using var orders = await fixture.StartAsync();
        await using var stock = SandboxRun.Create(fixture.Sandbox, Stock);
        foreach (var run in calleeFirst ? (SandboxRun[])[stock, orders] : [orders, stock])
            await NetworkAsync(run);

        (await ReachesAsync(orders, "orders-dev", "stock-dev"), await ReachesAsync(orders, "stock-dev", "orders-dev")).ShouldBe((true, false));
    }

    [Theory]
    [InlineData(Vocabulary.NetworkIsolated, false)]
    [InlineData(Vocabulary.NetworkTeamShared, false)]
    [InlineData(Vocabulary.NetworkOpen, true)]
    public async Task A_dependency_of_another_team_is_left_as_it_is(string network, bool reached)
    {
        await using var orders = await fixture.StartAsync();
        await using var stock = SandboxRun.Create(fixture.Sandbox, Stock with { Team = "checkout", NetworkPolicy = network });
        await NetworkAsync(stock);
        await NetworkAsync(orders);

        (await ReachesAsync(orders, "orders-dev", "stock-dev")).ShouldBe(reached);
    }

    [Theory]
    [InlineData("payments", "stock (both sides are opened)")]
    [InlineData("checkout", "stock (team checkout has to let it in: a NetworkPolicy in stock-dev that allows ingress from the namespace orders-dev")]
    [InlineData(null, "stock (not there yet; it lets orders in when team payments brings it, else its team has to)")]
    public async Task The_plan_says_who_opens_the_other_side(string? team, string words)
    {
        await using var orders = await fixture.StartAsync();
        if (team is not null)
        {
            await using var stock = SandboxRun.Create(fixture.Sandbox, Stock with { Team = team });
            await stock.DoAsync(StepIds.Namespace);
        }

        (await orders.PlanAsync()).Single(r => r.Kind == "network policies").Detail.ShouldContain(words);
    }

    [Fact]
    public async Task An_undo_closes_the_other_side_again_and_leaves_the_rest_of_it()
    {
        await using var orders = await fixture.StartAsync();
        await using var stock = SandboxRun.Create(fixture.Sandbox, Stock);
        await NetworkAsync(stock);
        var before = await orders.SettledKeysAsync();
        await NetworkAsync(orders);

        await orders.UndoAllAsync();

        await orders.ShouldSettleAtAsync(before);
    }

    [Fact]
    public async Task A_policy_of_that_name_that_others_made_stays_theirs()
    {
        await using var orders = await fixture.StartAsync();
        await using var stock = SandboxRun.Create(fixture.Sandbox, Stock);
        using var others = new SandboxApi(fixture.Sandbox);
        const string policies = "/apis/networking.k8s.io/v1/namespaces/stock-dev/networkpolicies";
        await NetworkAsync(stock);
        var theirs = await others.KubernetesAsync("POST", policies, new JsonObject
        {
            ["apiVersion"] = "networking.k8s.io/v1", ["kind"] = "NetworkPolicy", ["metadata"] = new JsonObject { ["name"] = "allow-from-orders" },
            ["spec"] = new JsonObject { ["podSelector"] = new JsonObject(), ["policyTypes"] = new JsonArray("Ingress") },
        });
        await NetworkAsync(orders);

        await orders.UndoAllAsync();

        (await others.KubernetesAsync("GET", policies + "/allow-from-orders"))!["metadata"]!["resourceVersion"]!.ToString()
            .ShouldBe(theirs!["metadata"]!["resourceVersion"]!.ToString());
    }

    [Theory]
    [InlineData("169.254.169.254", false)]
    [InlineData("10.0.0.7", false)]
    [InlineData("20.50.2.1", true)]
    public async Task Only_the_public_side_of_Azure_is_reached(string address, bool reached)
    {
        await using var run = await fixture.StartAsync();
        await NetworkAsync(run);

        (await ReachesAsync(run, "orders-dev", address, 443)).ShouldBe(reached);
    }

    private static async Task NetworkAsync(SandboxRun run)
    {
        await run.DoAsync(StepIds.Namespace);
        await run.DoAsync(StepIds.NetworkPolicies);
    }

    private static async Task<bool> ReachesAsync(SandboxRun run, string from, string to, int port = 8080) =>
        (await run.AskAsync($"kubernetes/network?from={from}&to={to}&port={port}"))["allowed"]!.GetValue<bool>();
}
