using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Onramp.Activities.Http;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>
/// Federated credentials, exchanged: a token of the repository's workflow or of the cluster's service account goes to Entra ID, which compares
/// its subject, and what comes back pushes or pulls.
/// </summary>
public sealed class IdentityFieldTests
{
    private const string Audience = "api://AzureADTokenExchange";
    private const string Own = "payments/orders/api";
    private const string Others = "checkout/basket/api";

    [Theory]
    [InlineData(true, Own, HttpStatusCode.Created)]
    [InlineData(true, Others, HttpStatusCode.Unauthorized)]
    [InlineData(false, Own, HttpStatusCode.Created)]
    [InlineData(false, Others, HttpStatusCode.Created)]
    public async Task The_pipeline_pushes_where_the_plan_says(bool byRepository, string image, HttpStatusCode status)
    {
        await using var sandbox = await StartAsync(byRepository);
        await using var run = await OnboardedAsync(sandbox);

        (await PushAsync(run, await PipelineAsync(run), image)).ShouldBe(status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_service_pulls_and_does_not_push(bool byRepository)
    {
        await using var sandbox = await StartAsync(byRepository);
        await using var run = await OnboardedAsync(sandbox);
        await PushAsync(run, await PipelineAsync(run), Own);
        var service = await ServiceAsync(run);

        (await PullAsync(run, service, Own), await PushAsync(run, service, Own)).ShouldBe((HttpStatusCode.OK, HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData("prod")]
    [InlineData("")]
    public async Task A_token_for_another_environment_or_for_a_branch_is_not_exchanged(string environment)
    {
        await using var sandbox = await StartAsync(byRepository: false);
        await using var run = await OnboardedAsync(sandbox);

        var refusal = await LoginAsync(run, await VariableAsync(run, "AZURE_CLIENT_ID"), await WorkflowTokenAsync(run, environment));

        refusal.Text.ShouldContain("AADSTS700213");
    }

    [Fact]
    public async Task The_services_own_token_does_not_act_as_the_pipeline()
    {
        await using var sandbox = await StartAsync(byRepository: false);
        await using var run = await OnboardedAsync(sandbox);

        (await LoginAsync(run, await VariableAsync(run, "AZURE_CLIENT_ID"), ServiceAccountToken(run))).Text.ShouldContain("AADSTS700213");
    }

    [Theory]
    [InlineData("""{"use_default":false,"include_claim_keys":["repository_owner_id","repository_id","context"]}""", null)]
    [InlineData("""{"use_default":false}""", """{"include_claim_keys":["repository","environment"]}""")]
    [InlineData("""{"use_default":true}""", """{"include_claim_keys":["repository_owner"]}""")]
    public async Task F05_a_customised_subject_is_exchanged_whether_the_repositorys_or_the_organizations(string repository, string? organization)
    {
        await using var sandbox = await StartAsync(byRepository: false);
        using var team = new SandboxApi(sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "orders", ["private"] = true, ["auto_init"] = true });
        await team.GitHubAsync("PUT", "/repos/acme/orders/actions/oidc/customization/sub", JsonNode.Parse(repository));
        if (organization is not null)
            await team.GitHubAsync("PUT", "/orgs/acme/actions/oidc/customization/sub", JsonNode.Parse(organization));
        await using var run = await OnboardedAsync(sandbox, SandboxRun.Orders with { Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } });

        (await PushAsync(run, await PipelineAsync(run), Own)).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_registry_that_left_abac_mode_after_the_plan_gets_no_role_on_all_of_itself()
    {
        await using var sandbox = await StartAsync(byRepository: false);
        await using var run = SandboxRun.Create(sandbox);
        await run.DoAsync(StepIds.ResourceGroup);
        await run.DoAsync(StepIds.Identity);
        run.Know((StepFacts.RegistryScope, "repository"));

        var failure = await Should.ThrowAsync<Temporalio.Exceptions.ApplicationFailureException>(() => run.DoAsync(StepIds.RegistryAccess));

        failure.ErrorType.ShouldBe(ErrorTypes.PolicyDenied);
    }

    private static Task<SandboxHost> StartAsync(bool byRepository)
    {
        var options = SandboxSettings.Fast();
        options.Seed.RegistryAbac = byRepository;
        options.RoleAssignmentPropagationDelay = TimeSpan.Zero;
        return SandboxHost.StartAsync(options);
    }

    private static async Task<SandboxRun> OnboardedAsync(SandboxHost sandbox, ServiceRequest? request = null)
    {
        var run = SandboxRun.Create(sandbox, request);
        await run.DoUntilAsync(StepIds.Namespace);
        return run;
    }

    /// <summary>A token of Azure's for a job of the repository: the job knows its identity from the environment's variables.</summary>
    private static async Task<string> PipelineAsync(SandboxRun run) =>
        (await LoginAsync(run, await VariableAsync(run, "AZURE_CLIENT_ID"), await WorkflowTokenAsync(run, "dev"))).Token.ShouldNotBeNull();

    private static async Task<string> ServiceAsync(SandboxRun run) =>
        (await LoginAsync(run, run.Facts[StepFacts.IdentityClientId], ServiceAccountToken(run))).Token.ShouldNotBeNull();

    private static async Task<string> WorkflowTokenAsync(SandboxRun run, string environment) =>
        (await run.AskAsync($"github/id-token?owner=acme&repo=orders&environment={environment}&audience={Uri.EscapeDataString(Audience)}"))["value"]!.ToString();

    private static string ServiceAccountToken(SandboxRun run)
    {
        var claims = new JsonObject
        {
            ["iss"] = run.Platform.Kubernetes.OidcIssuer,
            ["sub"] = $"system:serviceaccount:{run.Names.Namespace}:{run.Names.ServiceAccount}",
            ["aud"] = Audience,
        };
        return $"e30.{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(claims.ToJsonString()))}.c2ln";
    }

    private static async Task<string> VariableAsync(SandboxRun run, string name)
    {
        using var team = new SandboxApi(run.Sandbox);
        return (await team.GitHubAsync("GET", $"/repos/acme/orders/environments/dev/variables/{name}"))!["value"]!.ToString();
    }

    private static async Task<(string? Token, string Text)> LoginAsync(SandboxRun run, string clientId, string assertion)
    {
        var answer = await PostAsync(new Uri(run.Sandbox.AzureLogin, $"/{run.Platform.Azure.TenantId}/oauth2/v2.0/token"), run.Sandbox, null, new()
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = clientId,
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = assertion,
            ["scope"] = "https://containerregistry.azure.net/.default",
        });
        return (answer["access_token"]?.ToString(), answer.ToJsonString());
    }

    private static Task<HttpStatusCode> PushAsync(SandboxRun run, string token, string image) => ImageAsync(run, HttpMethod.Put, token, image, "pull,push");

    private static Task<HttpStatusCode> PullAsync(SandboxRun run, string token, string image) => ImageAsync(run, HttpMethod.Get, token, image, "pull");

    private static async Task<HttpStatusCode> ImageAsync(SandboxRun run, HttpMethod method, string token, string image, string actions)
    {
        var host = run.Platform.Azure.RegistryLoginServer;
        var refresh = await PostAsync(new Uri(run.Sandbox.Azure, "/oauth2/exchange"), run.Sandbox, host, new()
        {
            ["grant_type"] = "access_token", ["service"] = host, ["access_token"] = token,
        });
        var access = await PostAsync(new Uri(run.Sandbox.Azure, "/oauth2/token"), run.Sandbox, host, new()
        {
            ["grant_type"] = "refresh_token", ["service"] = host, ["scope"] = $"repository:{image}:{actions}", ["refresh_token"] = refresh["refresh_token"]!.ToString(),
        });
        using var http = new HttpClient(TrustedHttp.CreateHandler(run.Sandbox.CertificateAuthorityPem));
        using var request = new HttpRequestMessage(method, new Uri(run.Sandbox.Azure, $"/v2/{image}/manifests/1"));
        request.Headers.Host = host;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access["access_token"]!.ToString());
        if (method == HttpMethod.Put)
            request.Content = new StringContent("{}");
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<JsonObject> PostAsync(Uri address, SandboxHost sandbox, string? host, Dictionary<string, string> form)
    {
        using var http = new HttpClient(TrustedHttp.CreateHandler(sandbox.CertificateAuthorityPem));
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Host = host;
        using var response = await http.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }
}
