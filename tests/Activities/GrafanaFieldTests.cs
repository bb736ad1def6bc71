using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>What people who automate Grafana ran into; each test is named by its case.</summary>
public sealed class GrafanaFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string OwnFolder = "team-payments";

    private static readonly string[] Steps = [StepIds.DashboardFolder, StepIds.Dashboard, StepIds.AlertRules];

    [Fact]
    public async Task F08_a_folder_of_that_title_that_people_made_is_used()
    {
        await using var run = await fixture.StartAsync();
        using var people = await WithFoldersAsync(("hand", "Team payments"));

        foreach (var step in Steps)
            await run.DoAsync(step);

        (await FolderOfAsync(people, run)).ShouldBe("hand");
    }

    [Fact]
    public async Task F08_a_folder_that_people_made_meanwhile_is_used()
    {
        await using var run = await fixture.StartAsync();
        var looked = (StepResult)(await run.CallAsync(ActivityNames.CreateDashboardFolder, [run.Input(StepIds.DashboardFolder)]))!;
        using var people = await WithFoldersAsync(("hand", "Team payments"));

        var made = (StepResult)(await run.CallAsync(
            ActivityNames.CreateDashboardFolder, [run.Input(StepIds.DashboardFolder) with { Facts = looked.Facts }]))!;

        made.Resources.ShouldHaveSingleItem().ShouldBe(new StepResource("folder", "hand", "", Created: false));
    }

    [Fact]
    public async Task F08_a_folder_that_people_made_is_left_as_it_was()
    {
        await using var run = await fixture.StartAsync();
        using var people = await WithFoldersAsync(("hand", "Team payments"));
        var before = await run.StateAsync();
        foreach (var step in Steps)
            await run.DoAsync(step);

        await run.UndoAllAsync();

        (await run.StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task F08_a_folder_of_that_title_inside_another_is_not_the_teams()
    {
        await using var run = await fixture.StartAsync();
        using var people = await WithFoldersAsync(("archive", "Archive"));
        await people.GrafanaAsync("POST", "/api/folders", new JsonObject { ["uid"] = "hand", ["title"] = "Team payments", ["parentUid"] = "archive" });

        foreach (var step in Steps)
            await run.DoAsync(step);

        (await FolderOfAsync(people, run)).ShouldBe(OwnFolder);
    }

    [Theory]
    [InlineData(StepIds.Dashboard)]
    [InlineData(StepIds.AlertRules)]
    public async Task F09_a_folder_that_another_runs_undo_took_away_is_made_again(string step)
    {
        await using var first = await fixture.StartAsync(SandboxRun.Orders with { Name = "stock" });
        await using var second = SandboxRun.Create(fixture.Sandbox);
        using var people = new SandboxApi(fixture.Sandbox);
        await first.DoAsync(StepIds.DashboardFolder);
        await second.DoAsync(StepIds.DashboardFolder);
        await first.UndoAllAsync();

        await second.DoAsync(step);

        (await second.KeysAsync()).ShouldContain($"grafana folder {OwnFolder}");
    }

    [Fact]
    public async Task F09_a_folder_that_was_made_again_goes_with_the_run_that_made_it()
    {
        await using var first = await fixture.StartAsync(SandboxRun.Orders with { Name = "stock" });
        var before = await first.StateAsync();
        await using var second = SandboxRun.Create(fixture.Sandbox);
        await first.DoAsync(StepIds.DashboardFolder);
        await second.DoAsync(StepIds.DashboardFolder);
        await first.UndoAllAsync();
        await second.DoAsync(StepIds.Dashboard);

        await second.UndoAllAsync();

        (await second.StateAsync()).ShouldBe(before);
    }

    private async Task<SandboxApi> WithFoldersAsync(params (string Uid, string Title)[] folders)
    {
        var people = new SandboxApi(fixture.Sandbox);
        foreach (var (uid, title) in folders)
            await people.GrafanaAsync("POST", "/api/folders", new JsonObject { ["uid"] = uid, ["title"] = title });
        return people;
    }

    private static async Task<string?> FolderOfAsync(SandboxApi people, SandboxRun run) =>
        (await people.GrafanaAsync("GET", $"/api/dashboards/uid/{run.Names.DashboardUid}"))!["meta"]!["folderUid"]!.ToString();
}
