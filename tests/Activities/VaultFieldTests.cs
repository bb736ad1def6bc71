using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Http;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Tests;

/// <summary>F24: a pod reads the secrets of its vault from wherever the platform says that pods are, and nobody from elsewhere.</summary>
public sealed class VaultFieldTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Nodes = "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes";
    private const string Officer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private static readonly (string, string) Subnet = ("Onramp:Azure:VaultSubnetIds:0", Nodes);
    private static readonly (string, string) Range = ("Onramp:Azure:VaultAddresses:0", "198.51.100.0/24");
    private static readonly (string, string) Private = ("Onramp:Azure:VaultPrivateEndpoints", "true");

    public static TheoryData<string, string?, HttpStatusCode> Ways => new()
    {
        { "none", null, HttpStatusCode.NotFound },
        { "subnet", null, HttpStatusCode.Forbidden },
        { "subnet", Nodes, HttpStatusCode.NotFound },
        { "range", "198.51.100.7", HttpStatusCode.NotFound },
        { "range", "198.51.101.7", HttpStatusCode.Forbidden },
        { "private", Nodes, HttpStatusCode.Forbidden },
        { "private", "private", HttpStatusCode.NotFound },
    };

    /// <summary>The secret isn't there, which only those are told who may read it.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task F24_a_pod_reads_its_vault_from_where_the_platform_says_and_from_nowhere_else(string rules, string? from, HttpStatusCode status)
    {
        await using var run = await StartAsync(rules);
        await run.DoUntilAsync(StepIds.Verification);

        (await ReadSecretAsync(run, from)).ShouldBe(status);
    }

    [Theory]
    [InlineData("none", "open to all networks, since the platform names none that may reach it")]
    [InlineData("subnet", "reached only from nodes")]
    [InlineData("private", "reached by private endpoints only")]
    public async Task F24_the_plan_says_who_reaches_the_vault(string rules, string words)
    {
        await using var run = await StartAsync(rules);

        Plan(run).Single(r => r.Kind == "key vault").Detail.ShouldEndWith(words);
    }

    [Fact]
    public async Task F24_a_vault_that_was_brought_back_gets_the_rules_of_today()
    {
        await using var earlier = await StartAsync("private");
        await using var protectedEarlier = SandboxRun.Create(fixture.Sandbox, settings: [Private, ("Onramp:Azure:VaultPurgeProtection", "true")]);
        await protectedEarlier.DoAsync(StepIds.ResourceGroup);
        await protectedEarlier.DoAsync(StepIds.KeyVault);
        await protectedEarlier.UndoAllAsync();
        await using var later = SandboxRun.Create(fixture.Sandbox, runId: "run-2", settings: [Subnet, ("Onramp:Azure:VaultPurgeProtection", "true")]);

        await later.DoUntilAsync(StepIds.Verification);

        (await ReadSecretAsync(later, Nodes)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(Vocabulary.Development, true)]
    [InlineData(Vocabulary.Staging, true)]
    [InlineData(Vocabulary.Production, false)]
    public async Task The_team_writes_secrets_outside_production_and_the_plan_says_so(string environment, bool officer)
    {
        await using var run = await fixture.StartAsync(SandboxRun.Orders with { Environment = environment });
        await run.DoUntilAsync(StepIds.VaultAccess);

        var granted = await run.DoAsync(StepIds.VaultAccess);

        (granted.Resources.Any(r => r.Uid == fixture.Sandbox.Options.Seed.EntraGroups[0]), (await run.StateAsync()).Contains(Officer), Plan(run).Any(r => r.Name == "Key Vault Secrets Officer"))
            .ShouldBe((officer, officer, officer));
    }

    private static IReadOnlyList<PlannedResource> Plan(SandboxRun run) =>
        Onramp.Workflows.Onboarding.Planner.Plan(run.Request, run.Names, run.Platform).Resources;

    private async Task<SandboxRun> StartAsync(string rules)
    {
        var run = SandboxRun.Create(fixture.Sandbox, settings: rules switch { "subnet" => [Subnet], "range" => [Range], "private" => [Private], _ => [] });
        await run.ResetAsync();
        await run.ClearFaultsAsync();
        return run;
    }

    /// <summary>What the service's own pod gets, logged in with its service account's token.</summary>
    private static async Task<HttpStatusCode> ReadSecretAsync(SandboxRun run, string? from)
    {
        var (sandbox, platform) = (run.Sandbox, run.Platform);
        using var http = new HttpClient(TrustedHttp.CreateHandler(sandbox.CertificateAuthorityPem));
        var claims = new JsonObject
        {
            ["iss"] = platform.Kubernetes.OidcIssuer,
            ["sub"] = $"system:serviceaccount:{run.Names.Namespace}:{run.Names.ServiceAccount}",
            ["aud"] = "api://AzureADTokenExchange",
        };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = run.Facts[StepFacts.IdentityClientId],
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = $"e30.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims.ToJsonString())).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.c2ln",
            ["scope"] = "https://vault.azure.net/.default",
        });
        using var login = await http.PostAsync(new Uri(sandbox.AzureLogin, $"/{platform.Azure.TenantId}/oauth2/v2.0/token"), form);
        var token = JsonNode.Parse(await login.Content.ReadAsStringAsync())!["access_token"]!.ToString();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sandbox.Azure, "/secrets/absent?api-version=7.4"));
        request.Headers.Host = $"{run.Facts[StepFacts.VaultName]}.localhost:{sandbox.Azure.Port}";
        request.Headers.Authorization = new("Bearer", token);
        if (from is not null)
            request.Headers.Add("X-Sandbox-From", from);
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
