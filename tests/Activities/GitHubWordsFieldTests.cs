using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>GitHub tells much apart by words alone: what each means, and what a step makes of it.</summary>
public sealed class GitHubWordsFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Generate = "/repos/{owner}/{repo}/generate";
    private const string Environment = "/repos/{owner}/{repo}/environments/{environment}";
    private const string Dispatch = "/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches";

    [Theory]
    [InlineData(403, "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.", ErrorTypes.RateLimited)]
    [InlineData(403, "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.", ErrorTypes.RateLimited)]
    [InlineData(422, "was submitted too quickly", ErrorTypes.RateLimited)]
    [InlineData(422, "Property 'team_identifier' requires an explicit value to be set", ErrorTypes.PolicyDenied)]
    [InlineData(403, "Repository access blocked", ErrorTypes.PolicyDenied)]
    [InlineData(403, "Internal repositories are disabled for this organization; members can't create them.", ErrorTypes.PermissionDenied)]
    public async Task A_refusal_means_what_its_words_say(int status, string message, string type)
    {
        await using var run = await fixture.StartAsync();
        await RefuseAsync(run, "POST", Generate, status, message);

        (await FailAsync(run, ActivityNames.CreateRepository, StepIds.Repository)).ErrorType.ShouldBe(type);
    }

    [Theory]
    [InlineData("Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.", "SAML")]
    [InlineData("Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.", "allow list")]
    [InlineData("This installation has been suspended", "installation")]
    public async Task A_refusal_that_no_permission_heals_says_what_does(string message, string remedy)
    {
        await using var run = await fixture.StartAsync();
        await RefuseAsync(run, "POST", Generate, 403, message);

        var failure = await FailAsync(run, ActivityNames.CreateRepository, StepIds.Repository);

        (failure.ErrorType, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains(remedy)).ShouldBe((ErrorTypes.PermissionDenied, true), failure.Details.ElementAt<FailureDetail>(0)!.Remediation);
    }

    [Fact]
    public async Task A_visibility_that_the_organization_doesnt_have_is_named()
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Repository = new RepositoryRequest { Visibility = "internal" } });
        await RefuseAsync(run, "PATCH", "/repos/{owner}/{repo}", 422, "Only organizations associated with an enterprise can set visibility to internal");

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.Repository));

        (failure.ErrorType, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains("repository.visibility")).ShouldBe((ErrorTypes.PlanUnsupported, true), failure.Message);
    }

    [Theory]
    [InlineData(403, "GitHub Actions is disabled for this repository.")]
    [InlineData(403, "Actions has been disabled for this organization.")]
    [InlineData(422, "Actions has been disabled for this user.")]
    [InlineData(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")]
    public async Task A_pipeline_that_may_not_run_is_a_warning(int status, string message)
    {
        await using var run = await fixture.StartAsync();
        await run.DoUntilAsync(StepIds.Pipeline);
        await RefuseAsync(run, "POST", Dispatch, status, message);

        (await run.DoAsync(StepIds.Pipeline)).Warning.ShouldNotBeNull().ShouldContain("disabled");
    }

    [Fact]
    public async Task An_older_server_makes_an_environment_without_what_it_doesnt_know()
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Environment = Vocabulary.Production });
        await run.DoUntilAsync(StepIds.GitHubEnvironment);
        await RefuseAsync(run, "PUT", Environment, 422, "Invalid request.\n\nInvalid input: \"prevent_self_review\" is not a permitted key.");

        var made = await run.DoAsync(StepIds.GitHubEnvironment);

        (made.Warning!.Contains("their own"), (await run.KeysAsync()).Any(k => k.StartsWith("github environment"))).ShouldBe((true, true), made.Warning);
    }

    [Fact]
    public async Task A_reviewer_whose_access_isnt_seen_yet_is_waited_for()
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Environment = Vocabulary.Production });
        await run.DoUntilAsync(StepIds.GitHubEnvironment);
        await RefuseAsync(run, "PUT", Environment, 422, "Validation Failed", "Reviewer Team 42 does not exist or has no read access to the repository");

        (await run.DoAsync(StepIds.GitHubEnvironment)).Warning.ShouldBeNull();
    }

    private static async Task<ApplicationFailureException> FailAsync(SandboxRun run, string activity, string step) =>
        await Should.ThrowAsync<ApplicationFailureException>(() => run.CallAsync(activity, [run.Input(step)]));

    private static Task RefuseAsync(SandboxRun run, string method, string route, int status, string message, params string[] errors) => run.AddFaultAsync(new JsonObject
    {
        ["system"] = "github", ["method"] = method, ["route"] = route, ["action"] = "fail", ["status"] = status,
        ["body"] = new JsonObject { ["message"] = message, ["errors"] = new JsonArray([.. errors.Select(e => (JsonNode)e)]) },
    });
}
