using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Onramp.Activities;
using Onramp.Activities.Capabilities.Labels;
using Onramp.Activities.Capabilities.Namespace;
using Onramp.Core.Tests.Support;
using Onramp.Sandbox;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Capabilities.Labels;
using Onramp.Workflows.Capabilities.Namespace;
using Onramp.Workflows.Capabilities.Repository;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Onramp.Core.Tests;

/// <summary>The role for services that is shipped in <c>deploy/kubernetes/rbac.yaml</c>: beside the worker's own it is enough, and nothing of it is too much.</summary>
public sealed class ClusterRoleTests : IAsyncLifetime
{
    private const string Services = "onramp-services";
    private const string Name = "orders-staging";

    private static readonly string Scope = Scopes.Environment("staging");

    private static readonly IReadOnlyList<V1ClusterRole> Roles = [.. KubernetesYaml.LoadAllFromString(File.ReadAllText("rbac.yaml")).OfType<V1ClusterRole>()];

    private SandboxHost sandbox = null!;
    private ServiceProvider services = null!;

    public static TheoryData<string, string> Grants
    {
        get
        {
            var grants = new TheoryData<string, string>();
            foreach (var (resource, verb) in Rules(Services).SelectMany(r => r.Resources.SelectMany(x => r.Verbs.Select(v => (x, v)))))
                grants.Add(resource, verb);
            return grants;
        }
    }

    public async Task InitializeAsync()
    {
        var options = new SandboxOptions { NamespaceTerminationDelay = TimeSpan.FromMilliseconds(10), ControllerDelay = TimeSpan.FromMilliseconds(10) };
        options.Seed.KubernetesRules = [.. Rules("onramp-worker"), .. Rules(Services)];
        sandbox = await SandboxHost.StartAsync(options);
        services = new ServiceCollection().AddOnrampActivities(new ConfigurationBuilder().AddInMemoryCollection(World.Settings(sandbox)).Build()).BuildServiceProvider();
    }

    public async Task DisposeAsync()
    {
        await services.DisposeAsync();
        await sandbox.DisposeAsync();
    }

    [Fact]
    public Task What_is_granted_is_enough() => EverythingAsync();

    [Theory]
    [MemberData(nameof(Grants))]
    public async Task Without_one_of_the_grants_the_error_names_it(string resource, string verb)
    {
        sandbox.Options.Seed.KubernetesRules =
        [
            .. Rules("onramp-worker"),
            .. Rules(Services).SelectMany(r => r.Resources.SelectMany(x => r.Verbs.Where(v => (x, v) != (resource, verb)).Select(v => new KubernetesRule(r.ApiGroups, [x], [v], [])))),
        ];

        var failure = await Should.ThrowAsync<ApplicationFailureException>(EverythingAsync);

        (failure.ErrorType, failure.Message.Contains($"cannot {verb} resource \"{resource}\"", StringComparison.Ordinal)).ShouldBe((ErrorTypes.PermissionDenied, true), failure.Message);
    }

    private static IEnumerable<KubernetesRule> Rules(string role) =>
        Roles.Single(r => r.Name() == role).Rules.Select(r => new KubernetesRule([.. r.ApiGroups], [.. r.Resources], [.. r.Verbs], [.. r.ResourceNames ?? []]));

    /// <summary>Makes, changes, finds and takes away what services have on a cluster.</summary>
    private Task EverythingAsync() => new ActivityEnvironment().RunAsync(async () =>
    {
        var (namespaces, labels) = (services.GetRequiredService<Namespaces>(), services.GetRequiredService<LabelMaps>());
        var service = new ServiceSpec { Name = "orders", Team = "payments" }.With("staging", new EnvironmentSpec { Labels = new(StringComparer.Ordinal) { ["tier"] = "gold" } });
        var made = new Dictionary<string, System.Text.Json.JsonElement>(
            new[] { RepositoryCapability.Made.With(new RepositoryMade("acme/orders", "https://github.example/acme/orders")) }, StringComparer.Ordinal);
        var space = Ensure(Wire.FromJson<NamespaceSpec>(namespaces.Want(service, "staging")!.Spec), "namespace", Name) with { Inputs = made };
        ActionResult done;
        do
        {
            done = await namespaces.EnsureAsync(space);
        }
        while (!done.Ready);
        await namespaces.EnsureAsync(space with { Mode = EnsureMode.Change, Changes = [new FieldChange("label:tier", "gold", "silver")] });
        var map = Ensure(Wire.FromJson<LabelsSpec>(labels.Want(service, "staging")!.Spec), "labels", $"{Name}/onramp-labels") with { Inputs = done.Outputs };
        await labels.EnsureAsync(map);
        await labels.EnsureAsync(map with { Mode = EnsureMode.Change, Changes = [new FieldChange("tier", "gold", "silver")] });
        await namespaces.ObserveAsync(new Thing { Capability = NamespaceCapability.Id, Scope = Scope, Name = Name }, default);
        (await namespaces.FindAsync("orders", default)).Count.ShouldBe(1);
        await labels.RemoveAsync(Remove("labels", $"{Name}/onramp-labels"));
        await namespaces.RemoveAsync(Remove("namespace", Name));
    });

    private static EnsureInput<T> Ensure<T>(T spec, string capability, string name) =>
        new() { Owner = new OwnerMark("orders", Scope), Operation = new OperationKey("orders", "change", capability), Mode = EnsureMode.Create, Name = name, Spec = spec };

    private static RemoveInput Remove(string capability, string name) =>
        new() { Owner = new OwnerMark("orders", Scope), Operation = new OperationKey("orders", "change", capability), Name = name };
}
