using System.Text.Json.Nodes;
using Onramp.Sandbox;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Capabilities.Repository;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>The repository of a service with environments meets the same world as that of a single run.</summary>
public sealed class RepositoryCapabilityFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static readonly OwnerMark Owner = new("orders", Scopes.Component);
    private static readonly OperationKey Operation = new("orders", "change-1", "repository");

    [Fact]
    public async Task A_name_that_is_taken_by_what_isnt_seen_yet_is_looked_at_again()
    {
        await using var run = await fixture.StartAsync();
        await run.AddFaultAsync(new JsonObject { ["system"] = "github", ["method"] = "POST", ["route"] = "/repos/{owner}/{repo}/generate", ["action"] = "drop" });
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github", ["method"] = "GET", ["route"] = "/repos/acme/orders", ["action"] = "fail", ["status"] = 404, ["skip"] = 1, ["times"] = 3,
        });

        await MakeAsync(run);

        (await run.CreatedMoreThanOnceAsync(after: 0)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Initial commit of the pricing engine", "main")]
    [InlineData("work in progress", "pricing")]
    public async Task What_a_person_committed_is_kept_whatever_they_call_it_and_wherever(string message, string branch)
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await MakeAsync(run);
        if (branch != "main")
        {
            var tip = (await person.GitHubAsync("GET", "/repos/acme/orders/branches/main"))!["commit"]!["sha"]!.ToString();
            await person.GitHubAsync("POST", "/repos/acme/orders/git/refs", new JsonObject { ["ref"] = $"refs/heads/{branch}", ["sha"] = tip });
        }
        await person.GitHubAsync("PUT", "/repos/acme/orders/contents/pricing.txt", new JsonObject
        {
            ["message"] = message, ["content"] = Convert.ToBase64String("prices"u8), ["branch"] = branch,
        });

        var removed = await RemoveAsync(run);

        (removed.Left.Count, (await person.GitHubAsync("GET", "/repos/acme/orders"))!["archived"]!.GetValue<bool>()).ShouldBe((1, true));
    }

    [Fact]
    public async Task An_issue_that_somebody_wrote_is_kept()
    {
        await using var run = await fixture.StartAsync();
        using var person = new SandboxApi(fixture.Sandbox);
        await MakeAsync(run);
        await person.GitHubAsync("POST", "/repos/acme/orders/issues", new JsonObject { ["title"] = "prices are wrong" });

        await RemoveAsync(run);

        (await person.GitHubAsync("GET", "/repos/acme/orders"))!["archived"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task What_nobody_worked_in_goes()
    {
        await using var run = await fixture.StartAsync();
        await MakeAsync(run);

        await RemoveAsync(run);

        (await run.KeysAsync()).ShouldNotContain("github repository acme/orders");
    }

    [Fact]
    public async Task Where_repositories_may_not_be_deleted_the_services_own_is_archived_and_that_is_told()
    {
        await using var run = await fixture.StartAsync();
        await MakeAsync(run);
        await run.AddFaultAsync(new JsonObject
        {
            ["system"] = "github", ["method"] = "DELETE", ["route"] = "/repos/{owner}/{repo}", ["action"] = "fail", ["status"] = 403,
            ["body"] = new JsonObject { ["message"] = "Organization members cannot delete repositories." },
        });

        (await RemoveAsync(run)).Left.ShouldHaveSingleItem().ShouldContain("acme/orders");
    }

    [Fact]
    public async Task A_template_with_files_of_any_names_is_populated()
    {
        var options = SandboxSettings.Fast();
        options.Seed.Templates = [new TemplateRepository("golden-path-microservice", new Dictionary<string, string> { ["readme.rst"] = "read me" })];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);

        (await MakeAsync(run)).Ready.ShouldBeTrue();
    }

    private static async Task<ActionResult> MakeAsync(SandboxRun run)
    {
        var input = new EnsureInput<RepositorySpec>
        {
            Owner = Owner, Operation = Operation, Mode = EnsureMode.Create, Name = "acme/orders",
            Spec = new RepositorySpec { Owner = "acme", Name = "orders", Template = "acme/golden-path-microservice", Description = "Takes orders", Visibility = "private" },
        };
        for (var calls = 0; calls < 60; calls++)
        {
            try
            {
                var result = (ActionResult)(await run.CallAsync(RepositoryCapability.Ensure, [input]))!;
                if (result.Ready)
                    return result;
            }
            catch (ApplicationFailureException e) when (!e.NonRetryable)
            {
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
        throw new TimeoutException("the repository isn't ready");
    }

    private static async Task<ActionResult> RemoveAsync(SandboxRun run) =>
        (ActionResult)(await run.CallAsync(RepositoryCapability.Remove, [new RemoveInput { Owner = Owner, Operation = Operation, Name = "acme/orders" }]))!;
}
