using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>
/// What <c>deploy/</c> asks for in GitHub, Azure and Grafana is enough for onboarding and for its undo, nothing of it is too much, and what is
/// missing is named.
/// </summary>
public sealed partial class RightsTests
{
    private const string Subnet = "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/rg-platform/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes";

    private static readonly IReadOnlyDictionary<string, string> App =
        Json("github/app.json")["default_permissions"]!.AsObject().ToDictionary(p => p.Key, p => p.Value!.ToString());

    private static readonly IReadOnlyList<string> Actions = [.. Json("azure/role.json")["Actions"]!.AsArray().Select(a => a!.ToString())];
    private static readonly string Condition = File.ReadAllText("azure/role-condition.txt");
    private static readonly IReadOnlyList<string> Grafana = [.. Json("grafana/permissions.json").AsArray().Select(p => p!.ToString())];

    public static TheoryData<string, string> AppPermissions
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (permission, access) in App)
            {
                data.Add(permission, "");
                if (access == "write")
                    data.Add(permission, "read");
            }
            return data;
        }
    }

    public static TheoryData<string> AzureActions => [.. Actions];

    public static TheoryData<string> AssignableRoles => [.. RoleIds().Matches(Condition).Select(m => m.Value).Distinct()];

    public static TheoryData<string> GrafanaPermissions => [.. Grafana];

    [Fact]
    public async Task The_Apps_permissions_are_enough() => await GitHubAsync(App);

    [Theory]
    [MemberData(nameof(AppPermissions))]
    public async Task Without_one_of_the_Apps_permissions_the_error_names_it(string permission, string left)
    {
        var held = App.Where(p => p.Key != permission || left.Length > 0).ToDictionary(p => p.Key, p => p.Key == permission ? left : p.Value);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => GitHubAsync(held));

        (failure.ErrorType, failure.Details.ElementAt<FailureDetail>(0)!.Remediation.Contains($"{permission}={(left.Length > 0 ? "write" : "")}"))
            .ShouldBe((ErrorTypes.PermissionDenied, true), failure.Details.ElementAt<FailureDetail>(0)!.Remediation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_actions_in_Azure_are_enough(bool byRepository) => await AzureAsync(Actions, Condition, byRepository);

    [Theory]
    [MemberData(nameof(AzureActions))]
    public async Task Without_one_of_the_actions_in_Azure_the_error_names_it(string action)
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => AzureAsync([.. Actions.Where(a => a != action)], Condition, byRepository: false));

        failure.Message.ShouldContain($"'{action}'", Case.Insensitive);
    }

    [Theory]
    [MemberData(nameof(AssignableRoles))]
    public async Task Without_one_of_the_roles_that_may_be_given_the_error_names_the_assignment(string role)
    {
        var condition = Condition.Replace(role, Guid.Empty.ToString());
        string[] repositoryRoles = ["b93aa761-3e63-49ed-ac28-beffa264f7ac", "2a1e307c-b015-4ebd-883e-5b7698a07328"];

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => AzureAsync(Actions, condition, byRepository: repositoryRoles.Contains(role)));

        failure.Message.ShouldContain("Microsoft.Authorization/roleAssignments/write");
    }

    [Fact]
    public async Task The_permissions_in_Grafana_are_enough() => await GrafanaAsync(Grafana);

    [Theory]
    [MemberData(nameof(GrafanaPermissions))]
    public async Task Without_one_of_the_permissions_in_Grafana_the_error_names_it(string permission)
    {
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => GrafanaAsync([.. Grafana.Where(p => p != permission)]));

        (failure.ErrorType, failure.Message.Contains(permission)).ShouldBe((ErrorTypes.PermissionDenied, true), failure.Message);
    }

    [Fact]
    public void The_operators_table_holds_all_of_it()
    {
        var table = File.ReadAllText("operators.md");

        string[] needed = [.. App.Select(p => $"`{p.Key}: {p.Value}`"), .. Actions.Select(a => $"`{a}`"), .. Grafana.Select(p => $"`{p}`")];
        needed.Where(n => !table.Contains(n, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>Everything that is done on GitHub, to a repository that is made and to one that is adopted, and all of it undone.</summary>
    private static async Task GitHubAsync(IReadOnlyDictionary<string, string> held)
    {
        using var key = RSA.Create(2048);
        var options = SandboxSettings.Fast();
        options.Credentials.GitHubAppPublicKeyPem = key.ExportSubjectPublicKeyInfoPem();
        options.Seed.GitHubPermissions = held;
        await using var sandbox = await SandboxHost.StartAsync(options);
        using var team = new SandboxApi(sandbox);
        await team.GitHubAsync("POST", "/orgs/acme/repos", new JsonObject { ["name"] = "billing", ["private"] = true, ["auto_init"] = true });
        (string, string)[] app = [("Onramp:GitHub:Token", ""), ("Onramp:GitHub:AppId", "1001"), ("Onramp:GitHub:AppPrivateKey", key.ExportPkcs8PrivateKeyPem())];
        var adopted = SandboxRun.Orders with { Name = "billing", Environment = Vocabulary.Production, Repository = new RepositoryRequest { Mode = Vocabulary.RepositoryAdopt } };
        foreach (var request in (ServiceRequest[])[SandboxRun.Orders, adopted])
        {
            await using var run = SandboxRun.Create(sandbox, request, settings: app);
            string[] steps = [StepIds.Repository, StepIds.Team, StepIds.Files, StepIds.GitHubEnvironment, StepIds.Variables, StepIds.Pipeline, StepIds.Protection];
            run.Know(
                (StepFacts.IdentityClientId, Guid.Empty.ToString()), (StepFacts.PipelineClientId, Guid.Empty.ToString()), (StepFacts.VaultName, "kv-orders"));
            foreach (var step in steps.Where(id => run.Steps.Any(s => s.Id == id)))
                await run.DoAsync(step);
            await run.UndoAllAsync();
        }
    }

    /// <summary>
    /// Everything that is done in Azure, where no provider is registered, vaults are reached from a subnet, and an assignment is there already;
    /// and all of it undone.
    /// </summary>
    private static async Task AzureAsync(IReadOnlyList<string> actions, string condition, bool byRepository)
    {
        var options = SandboxSettings.Fast();
        options.Seed.RegistryAbac = byRepository;
        options.Seed.UnregisteredProviders = ["Microsoft.KeyVault", "Microsoft.ManagedIdentity"];
        (options.AzureReadLag, options.AzureOperationDuration) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox, settings: [("Onramp:Azure:AbsenceConfirmation", "00:00:00"), ("Onramp:Azure:VaultSubnetIds:0", Subnet)]);
        run.IsFinal = e => e.NonRetryable || e.Message.Contains("AuthorizationFailed", StringComparison.Ordinal);
        run.Know((StepFacts.OidcSubject, "repo:acme/orders:environment:dev"));
        Hold(actions);
        foreach (var step in (string[])[StepIds.ResourceGroup, StepIds.Identity, StepIds.KeyVault, StepIds.VaultAccess])
            await run.DoAsync(step);
        Hold(null);
        using var others = new SandboxApi(sandbox);
        await others.AzureAsync(
            "PUT",
            $"{run.Platform.Azure.RegistryId}/providers/Microsoft.Authorization/roleAssignments/99999999-9999-4999-8999-999999999999?api-version=2022-04-01",
            new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["roleDefinitionId"] = "/providers/Microsoft.Authorization/roleDefinitions/8311e382-0749-4cb8-b61a-304f252e45ec",
                    ["principalId"] = run.Facts[StepFacts.PipelinePrincipalId],
                    ["principalType"] = "ServicePrincipal",
                },
            });
        Hold(actions);
        await run.DoAsync(StepIds.RegistryAccess);
        await run.DoAsync(StepIds.Federation);
        await run.UndoAllAsync();

        void Hold(IReadOnlyList<string>? held) => sandbox.Options.Seed.AzureRights =
            held is null ? null : [new AzureRight($"/subscriptions/{run.Platform.Azure.SubscriptionId}", held, condition)];
    }

    /// <summary>Everything that is done in Grafana, once and again, and all of it undone.</summary>
    private static async Task GrafanaAsync(IReadOnlyList<string> held)
    {
        var options = SandboxSettings.Fast();
        options.Seed.GrafanaPermissions = [.. held];
        await using var sandbox = await SandboxHost.StartAsync(options);
        await using var run = SandboxRun.Create(sandbox);
        foreach (var step in (string[])[StepIds.DashboardFolder, StepIds.Dashboard, StepIds.Dashboard, StepIds.AlertRules])
            await run.DoAsync(step);
        await run.UndoAllAsync();
    }

    private static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(path))!;

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex RoleIds();
}
