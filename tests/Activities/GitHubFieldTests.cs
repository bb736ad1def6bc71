using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>What people who automate GitHub ran into; each test is named by its case.</summary>
public sealed class GitHubFieldTests
{
    private static readonly ServiceRequest Adopt = SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task F04_a_variable_on_a_later_page_is_the_adopted_repositorys_own(int pageSize)
    {
        var options = SandboxSettings.Fast();
        options.GitHubMaxPageSize = pageSize;
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox, Adopt);
        using var team = await WithRepositoryAsync(sandbox);
        await team.GitHubAsync("PUT", "/repos/acme/orders/environments/dev", new JsonObject());
        for (var i = 0; i < 39; i++)
            await SetAsync(team, $"A_{i}", "theirs");
        await SetAsync(team, "NAMESPACE", "legacy");
        await run.DoUntilAsync(StepIds.Variables);
        await run.DoAsync(StepIds.Variables);

        await run.UndoAllAsync();

        (await team.GitHubAsync("GET", "/repos/acme/orders/environments/dev/variables/NAMESPACE"))!["value"]!.ToString().ShouldBe("legacy");
    }

    private static Task SetAsync(SandboxApi team, string name, string value) =>
        team.GitHubAsync("POST", "/repos/acme/orders/environments/dev/variables", new JsonObject { ["name"] = name, ["value"] = value });

    /// <summary>A team that has a repository already.</summary>
    private static async Task<SandboxApi> WithRepositoryAsync(SandboxHost sandbox)
    {
        var team = new SandboxApi(sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });
        return team;
    }
}
