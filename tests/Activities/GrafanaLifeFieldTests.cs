using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>What people keep in Grafana beside a service's own: none of it is touched.</summary>
public sealed class GrafanaLifeFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Folder = "team-payments";
    private static readonly string[] Steps = [StepIds.DashboardFolder, StepIds.Dashboard, StepIds.AlertRules];

    [Fact]
    public async Task A_rule_that_people_put_into_the_services_group_stays()
    {
        await using var run = await fixture.StartAsync();
        using var people = await WithFolderAsync();
        await AddRuleAsync(people, run.Names.AlertGroup);

        foreach (var step in Steps)
            await run.DoAsync(step);

        (await run.KeysAsync()).ShouldContain("grafana alert-rule theirs");
    }

    [Fact]
    public async Task A_rule_that_people_put_into_the_services_group_is_as_it_was_when_all_is_undone()
    {
        await using var run = await fixture.StartAsync();
        using var people = await WithFolderAsync();
        await AddRuleAsync(people, run.Names.AlertGroup);
        var before = await run.StateAsync();
        foreach (var step in Steps)
            await run.DoAsync(step);

        await run.UndoAllAsync();

        (await run.StateAsync()).ShouldBe(before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dashboard_of_the_same_title_stays(bool uniqueTitles)
    {
        var options = SandboxSettings.Fast();
        options.GrafanaUniqueTitles = uniqueTitles;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        using var people = await WithFolderAsync(sandbox);
        await people.GrafanaAsync("POST", "/api/dashboards/db", new JsonObject
        {
            ["dashboard"] = new JsonObject { ["uid"] = "theirs", ["title"] = "orders-dev / RED", ["tags"] = new JsonArray("by hand") }, ["folderUid"] = Folder,
        });

        foreach (var step in Steps)
            await run.DoAsync(step);

        var uids = (await people.GrafanaAsync("GET", "/api/search?limit=1&page=1"))!.AsArray().Concat((await people.GrafanaAsync("GET", "/api/search?limit=1&page=2"))!.AsArray());
        uids.Select(d => d!["uid"]!.ToString()).Order().ShouldBe(["svc-orders-dev", "theirs"]);
        (await people.GrafanaAsync("GET", "/api/dashboards/uid/theirs"))!["dashboard"]!["tags"]!.ToJsonString().ShouldBe("[\"by hand\"]");
    }

    [Fact]
    public async Task A_dashboard_that_people_changed_meanwhile_is_looked_at_again()
    {
        await using var run = await fixture.StartAsync();
        await run.DoAsync(StepIds.DashboardFolder);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "grafana", ["method"] = "POST", ["route"] = "/api/dashboards/db", ["action"] = "fail", ["status"] = 412, ["times"] = 2,
            ["body"] = new JsonObject { ["message"] = "The dashboard has been changed by someone else", ["status"] = "version-mismatch" },
        });

        (await run.DoAsync(StepIds.Dashboard)).Ready.ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_people_made_in_the_teams_stays()
    {
        await using var run = await fixture.StartAsync();
        using var people = new SandboxApi(fixture.Sandbox);
        await run.DoAsync(StepIds.DashboardFolder);
        await people.GrafanaAsync("POST", "/api/folders", new JsonObject { ["uid"] = "drafts", ["title"] = "Drafts", ["parentUid"] = Folder });

        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldContain("grafana folder drafts");
    }

    [Theory]
    [InlineData("quota reached")]
    [InlineData("Quota has been exceeded")]
    public async Task A_full_Grafana_is_no_missing_permission(string message)
    {
        await using var run = await fixture.StartAsync();
        await run.DoAsync(StepIds.DashboardFolder);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "grafana", ["method"] = "POST", ["action"] = "fail", ["status"] = 403, ["body"] = new JsonObject { ["message"] = message },
        });

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Dashboard))).ErrorType.ShouldBe(ErrorTypes.QuotaExceeded);
    }

    [Fact]
    public async Task A_folder_that_one_look_doesnt_see_stays_when_all_is_undone()
    {
        await using var run = await fixture.StartAsync();
        using var people = await WithFolderAsync();
        await run.AddFaultAsync(new JsonObject { ["system"] = "grafana", ["method"] = "GET", ["route"] = "/api/folders/{uid}", ["action"] = "fail", ["status"] = 404 });
        await run.AddFaultAsync(new JsonObject { ["system"] = "grafana", ["method"] = "GET", ["route"] = "/api/folders", ["action"] = "fail", ["status"] = 200, ["body"] = new JsonArray() });
        foreach (var step in Steps)
            await run.DoAsync(step);

        await run.UndoAllAsync();

        (await run.KeysAsync()).ShouldContain($"grafana folder {Folder}");
    }

    [Fact]
    public async Task A_Grafana_that_takes_no_rules_this_way_ends_the_step()
    {
        await using var run = await fixture.StartAsync();
        await run.DoAsync(StepIds.DashboardFolder);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "grafana", ["method"] = "POST", ["route"] = "/api/v1/provisioning/alert-rules", ["action"] = "fail", ["status"] = 404, ["times"] = 1000,
            ["body"] = new JsonObject { ["message"] = "Not found" },
        });

        (await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.AlertRules))).ErrorType.ShouldBe(ErrorTypes.NotFound);
    }

    private Task<SandboxApi> WithFolderAsync() => WithFolderAsync(fixture.Sandbox);

    private static async Task<SandboxApi> WithFolderAsync(SandboxHost sandbox)
    {
        var people = new SandboxApi(sandbox);
        await people.GrafanaAsync("POST", "/api/folders", new JsonObject { ["uid"] = Folder, ["title"] = "Team payments" });
        return people;
    }

    private static Task AddRuleAsync(SandboxApi people, string group) => people.GrafanaAsync("POST", "/api/v1/provisioning/alert-rules", new JsonObject
    {
        ["uid"] = "theirs", ["title"] = "Stock is low", ["ruleGroup"] = group, ["folderUID"] = Folder, ["condition"] = "A", ["for"] = "5m",
        ["data"] = new JsonArray(new JsonObject { ["refId"] = "A", ["datasourceUid"] = "prometheus", ["model"] = new JsonObject { ["expr"] = "stock < 3" } }),
    });
}
