using k8s;
using k8s.Models;
using Onramp.Activities.Kubernetes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>The roles that are shipped in <c>deploy/kubernetes/rbac.yaml</c>: enough for onboarding, and nothing more.</summary>
public sealed class ClusterRoleTests : IAsyncLifetime
{
    private static readonly IReadOnlyList<V1ClusterRole> Roles =
        [.. KubernetesYaml.LoadAllFromString(File.ReadAllText("rbac.yaml")).OfType<V1ClusterRole>()];

    private static readonly string[] KubernetesSteps =
    [
        StepIds.Namespace, StepIds.Limits, StepIds.NetworkPolicies, StepIds.NamespaceAccess, StepIds.ServiceAccount, StepIds.SecretProvider,
        StepIds.ServiceMonitor, StepIds.Flux, StepIds.ArgoCd,
    ];

    private SandboxHost sandbox = null!;

    /// <summary>Every verb on every kind, and every role to be handed out, that the worker's roles grant.</summary>
    public static TheoryData<string, string, string> Grants
    {
        get
        {
            var grants = new TheoryData<string, string, string>();
            foreach (var rule in WorkerRules())
            {
                foreach (var (resource, verb) in rule.Resources.SelectMany(r => rule.Verbs.Select(v => (r, v))))
                {
                    foreach (var name in rule.ResourceNames.DefaultIfEmpty(""))
                        grants.Add(resource, verb, name);
                }
            }
            return grants;
        }
    }

    public async Task InitializeAsync()
    {
        var options = SandboxSettings.Fast();
        options.Seed.ClusterRoles.Add("onramp-edit");
        options.Seed.KubernetesRules = [.. WorkerRules()];
        sandbox = await SandboxHost.StartAsync(options);
    }

    public async Task DisposeAsync() => await sandbox.DisposeAsync();

    [Fact]
    public async Task What_is_granted_is_enough()
    {
        await EverythingAsync(Vocabulary.Development);
        await EverythingAsync(Vocabulary.Production);
    }

    [Theory]
    [MemberData(nameof(Grants))]
    public async Task Without_one_of_the_grants_the_error_names_it(string resource, string verb, string name)
    {
        sandbox.Options.Seed.KubernetesRules = [.. WorkerRules().SelectMany(r => Without(r, resource, verb, name))];

        var failure = await Should.ThrowAsync<ApplicationFailureException>(
            () => EverythingAsync(name == "view" ? Vocabulary.Production : Vocabulary.Development));

        failure.ErrorType.ShouldBe(ErrorTypes.PermissionDenied);
        failure.Message.ShouldContain(verb == "bind" ? $"clusterroles \"{name}\"" : $"cannot {verb} resource \"{resource}\"");
    }

    [Fact]
    public void The_teams_role_writes_nothing_that_guards_it()
    {
        var written = Roles.Single(r => r.Name() == "onramp-edit").Rules
            .Where(r => r.Verbs.Any(v => v is not ("get" or "list" or "watch")))
            .SelectMany(r => r.Resources);

        written.Intersect(["networkpolicies", "resourcequotas", "limitranges", "roles", "rolebindings", "*"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_role_to_hand_out_that_is_not_there_is_said()
    {
        sandbox.Options.Seed.KubernetesRules = null;
        await using var run = NewRun(SandboxRun.Orders, "another-edit");
        await run.DoAsync(StepIds.Namespace);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => run.DoAsync(StepIds.NamespaceAccess));

        failure.Message.ShouldContain("cluster role another-edit is not there");
    }

    private static IEnumerable<KubernetesRule> WorkerRules() =>
        from role in Roles
        where role.Name().StartsWith("onramp-worker", StringComparison.Ordinal)
        from rule in role.Rules
        select new KubernetesRule([.. rule.ApiGroups], [.. rule.Resources], [.. rule.Verbs], [.. rule.ResourceNames ?? []]);

    /// <summary>The rule cut into one grant each, less the one.</summary>
    private static IEnumerable<KubernetesRule> Without(KubernetesRule rule, string resource, string verb, string name) =>
        from r in rule.Resources
        from v in rule.Verbs
        from n in rule.ResourceNames.DefaultIfEmpty("")
        where (r, v, n) != (resource, verb, name)
        select new KubernetesRule(rule.ApiGroups, [r], [v], n.Length == 0 ? [] : [n]);

    /// <summary>Does, looks at and undoes whatever a run does on a cluster, with both kinds of delivery.</summary>
    private async Task EverythingAsync(string environment)
    {
        var request = SandboxRun.Orders with { Environment = environment };
        await using var flux = NewRun(request);
        await using var argo = NewRun(request with { Name = "billing", Features = new FeatureRequest { GitOps = Vocabulary.GitOpsArgoCd } });
        foreach (var run in (SandboxRun[])[flux, argo])
        {
            run.Know(
                (StepFacts.IdentityClientId, Guid.Empty.ToString()),
                (StepFacts.VaultName, "kv-orders"),
                (StepFacts.RepositoryCloneUrl, "https://github.com/acme/golden-path-frontend.git"),
                (StepFacts.DefaultBranch, "main"));
            foreach (var step in KubernetesSteps.Where(id => run.Steps.Any(s => s.Id == id)))
                await run.DoAsync(step);
            await run.Service<Cluster>().ListNetworkPoliciesAsync(run.Names.Namespace, default);
            await run.UndoAllAsync();
        }
    }

    private SandboxRun NewRun(ServiceRequest request, string teamRole = "onramp-edit") =>
        SandboxRun.Create(sandbox, request, settings: ("Onramp:Kubernetes:TeamRole", teamRole));
}
