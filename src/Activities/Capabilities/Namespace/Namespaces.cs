using System.Text.Json;
using k8s;
using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Activities.Kubernetes;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Capabilities.Namespace;
using Onramp.Workflows.Capabilities.Repository;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Planning;
using Onramp.Workflows.Services;
using Temporalio.Activities;

namespace Onramp.Activities.Capabilities.Namespace;

/// <summary>
/// The environment's namespace. It is created, never applied: applying would quietly take over one that somebody else has. Its owner and the
/// operation that touched it last are annotations; its fields are the labels that we set.
/// </summary>
internal sealed class Namespaces(Cluster cluster) : ICapability
{
    private const string System = "Kubernetes";
    private const string ServiceLabel = "platform.io/service";
    private const string TeamLabel = "platform.io/team";
    private const string EnvironmentLabel = "platform.io/environment";
    private const string StateLabel = "platform.io/state";
    private const string Retiring = "retiring";
    private const string SourceAnnotation = "platform.io/source";
    private const string Field = "label:";

    public CapabilityRow Row => NamespaceCapability.Row;

    public Wish? Want(ServiceSpec service, string? environment)
    {
        if (environment is null || service.Environment(environment) is not { } wanted)
            return null;
        var spec = new NamespaceSpec { Name = $"{service.Name}-{Vocabulary.ShortEnvironment(environment)}", Labels = Labels(service, environment, wanted) };
        return new Wish(spec.Name, Wire.ToJson(spec), Fields(spec));
    }

    public decimal MonthlyCost(JsonElement spec) => 46m;

    public async Task<Observed> ObserveAsync(Thing thing, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync(Kinds.Namespace, At(thing.Name), cancellationToken);
        var seen = new Observed { Capability = thing.Capability, Scope = thing.Scope, Name = thing.Name };
        if (found is null)
            return seen;
        return seen with
        {
            Exists = true,
            Owner = found.GetAnnotation(OwnerMarks.Owner) ?? (found.Mark() is { } run ? $"run {run}" : null),
            Operation = found.GetAnnotation(OwnerMarks.Operation),
            Id = found.Uid(),
            Fields = new SortedDictionary<string, string?>(
                (found.Labels() ?? new Dictionary<string, string>(StringComparer.Ordinal)).ToDictionary(l => Field + l.Key, l => (string?)l.Value, StringComparer.Ordinal),
                StringComparer.Ordinal),
            Going = found.IsTerminating(),
            Health = found.IsTerminating() ? Health.Working : Health.Ready,
            Reason = found.IsTerminating() ? "it is being removed" : null,
        };
    }

    public async Task<IReadOnlyList<FoundThing>> FindAsync(string service, CancellationToken cancellationToken)
    {
        var found = new List<FoundThing>();
        foreach (var item in await cluster.ListNamespacesAsync(ServiceLabel, service, cancellationToken))
        {
            if (item.IsTerminating() || item.GetLabel(EnvironmentLabel) is not { } environment
                || item.GetAnnotation(OwnerMarks.Owner) != new OwnerMark(service, Scopes.Environment(environment)).ToString())
                continue;
            found.Add(Found(item, environment));
        }
        return found;
    }

    [Activity(NamespaceCapability.Ensure)]
    public async Task<ActionResult> EnsureAsync(EnsureInput<NamespaceSpec> input)
    {
        var cancellationToken = StepActivity.Begin(input.Operation);
        var found = await cluster.FindAsync(Kinds.Namespace, At(input.Name), cancellationToken);
        if (found?.IsTerminating() == true)
            return Waiting($"an earlier namespace {input.Name} to go{NamespaceActivities.Stuck(found)}");
        if (input.Mode != EnsureMode.Create)
            return found is null ? throw Gone(input.Name) : await RelabelAsync(input, found, cancellationToken);
        found ??= await cluster.TryCreateAsync(Namespace(input), cancellationToken) ?? await cluster.FindAsync(Kinds.Namespace, At(input.Name), cancellationToken);
        if (found is null || found.IsTerminating())
            return Waiting($"an earlier namespace {input.Name} to go");
        Require(found, input.Owner);
        return found.Status?.Phase == "Active" ? Made(found) : Waiting($"namespace {input.Name} to become active");
    }

    [Activity(NamespaceCapability.Remove)]
    public async Task<ActionResult> RemoveAsync(RemoveInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Operation);
        if (input.Release)
            return await ReleaseAsync(input, cancellationToken);
        bool IsOurs(IKubernetesObject<V1ObjectMeta> found) =>
            found.GetAnnotation(OwnerMarks.Owner) == input.Owner.ToString()
            && (!input.OnlyOwnOperation || found.GetAnnotation(OwnerMarks.Operation) == input.Operation.ToString());
        if (await cluster.DeleteOursAsync(Kinds.Namespace, At(input.Name), IsOurs, cancellationToken))
            return new ActionResult();
        var left = await cluster.FindAsync(Kinds.Namespace, At(input.Name), cancellationToken);
        return left is null ? new ActionResult() : Waiting($"the removal of namespace {input.Name}{NamespaceActivities.Stuck(left)}");
    }

    private static ObjectRef At(string name) => new(null, name);

    private static SortedDictionary<string, string> Labels(ServiceSpec service, string environment, EnvironmentSpec wanted)
    {
        var labels = new SortedDictionary<string, string>(wanted.Labels, StringComparer.Ordinal)
        {
            ["app.kubernetes.io/name"] = service.Name,
            ["app.kubernetes.io/managed-by"] = "onramp",
            ["platform.io/managed"] = "true",
            [ServiceLabel] = service.Name,
            [TeamLabel] = service.Team,
            [EnvironmentLabel] = environment,
            ["pod-security.kubernetes.io/enforce"] = environment == Vocabulary.Production ? "restricted" : "baseline",
        };
        if (wanted.Retiring)
            labels[StateLabel] = Retiring;
        return labels;
    }

    private static SortedDictionary<string, string?> Fields(NamespaceSpec spec) =>
        new(spec.Labels.ToDictionary(l => Field + l.Key, l => (string?)l.Value, StringComparer.Ordinal), StringComparer.Ordinal);

    private static V1Namespace Namespace(EnsureInput<NamespaceSpec> input) => new V1Namespace
    {
        Metadata = new V1ObjectMeta
        {
            Name = input.Name,
            Labels = new Dictionary<string, string>(input.Spec!.Labels, StringComparer.Ordinal),
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [OwnerMarks.Owner] = input.Owner.ToString(),
                [OwnerMarks.Operation] = input.Operation.ToString(),
                [SourceAnnotation] = RepositoryCapability.Made.Read(input.Inputs).Url,
            },
        },
    }.Initialize();

    private static void Require(V1Namespace found, OwnerMark owner)
    {
        if (found.GetAnnotation(OwnerMarks.Owner) != owner.ToString())
            throw Failures.Of(ErrorTypes.OwnedByOther, System, $"namespace {found.Name()} is not {owner}'s", "Choose another service name, or have its owner retire the namespace.");
    }

    private static Exception Gone(string name) =>
        Failures.Of(ErrorTypes.ChangedMeanwhile, System, $"namespace {name} was there when it was planned and is gone", "Repair the service.");

    private static ActionResult Waiting(string what) => new() { Ready = false, WaitingFor = what };

    private static ActionResult Made(V1Namespace found, IReadOnlyList<string>? left = null) => new()
    {
        Id = found.Uid(),
        Outputs = new(new[] { NamespaceCapability.Made.With(new NamespaceMade(found.Name(), found.Uid())) }.ToDictionary(), StringComparer.Ordinal),
        Left = left ?? [],
    };

    private static FoundThing Found(V1Namespace item, string environment)
    {
        // The cluster's own label of every namespace is nobody's field.
        var labels = new SortedDictionary<string, string>(
            (item.Labels() ?? new Dictionary<string, string>(StringComparer.Ordinal)).Where(l => !l.Key.StartsWith("kubernetes.io/", StringComparison.Ordinal)).ToDictionary(),
            StringComparer.Ordinal);
        var own = labels.Where(l => !IsPlatforms(l.Key)).ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal);
        var spec = new NamespaceSpec { Name = item.Name(), Labels = labels };
        return new FoundThing(
            new InventoryItem
            {
                Capability = NamespaceCapability.Id,
                Scope = Scopes.Environment(environment),
                Name = item.Name(),
                Id = item.Uid(),
                Spec = Wire.ToJson(spec),
                Fields = Fields(spec),
                Outputs = new(new[] { NamespaceCapability.Made.With(new NamespaceMade(item.Name(), item.Uid())) }.ToDictionary(), StringComparer.Ordinal),
                ChangeId = item.GetAnnotation(OwnerMarks.Operation)?.Split('/')[0] ?? "",
            },
            service => (service with { Team = item.GetLabel(TeamLabel) ?? service.Team }).With(
                environment, new EnvironmentSpec { Labels = new(own, StringComparer.Ordinal), Retiring = item.GetLabel(StateLabel) == Retiring }));
    }

    /// <summary>Labels of the platform and of Kubernetes; the rest are the team's.</summary>
    private static bool IsPlatforms(string label) =>
        label.StartsWith("platform.io/", StringComparison.Ordinal) || label.Contains("kubernetes.io/", StringComparison.Ordinal);

    private async Task<ActionResult> RelabelAsync(EnsureInput<NamespaceSpec> input, V1Namespace found, CancellationToken cancellationToken)
    {
        if (input.Mode != EnsureMode.Adopt)
            Require(found, input.Owner);
        var writes = FieldWrites.For(input.Mode, input.Changes, field => found.GetLabel(field[Field.Length..]), System, input.Name);
        var annotations = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [OwnerMarks.Owner] = input.Release ? null : input.Owner.ToString(),
            [OwnerMarks.Operation] = input.Release ? null : input.Operation.ToString(),
        };
        var labels = writes.Set.ToDictionary(s => s.Key[Field.Length..], s => s.Value, StringComparer.Ordinal);
        return Made(await cluster.RelabelAsync(found, labels, annotations, cancellationToken), writes.Left);
    }

    private async Task<ActionResult> ReleaseAsync(RemoveInput input, CancellationToken cancellationToken)
    {
        var found = await cluster.FindAsync(Kinds.Namespace, At(input.Name), cancellationToken);
        if (found?.GetAnnotation(OwnerMarks.Owner) != input.Owner.ToString())
            return new ActionResult();
        var writes = FieldWrites.For(EnsureMode.Restore, input.Changes, field => found!.GetLabel(field[Field.Length..]), System, input.Name);
        var annotations = new Dictionary<string, string?>(StringComparer.Ordinal) { [OwnerMarks.Owner] = null, [OwnerMarks.Operation] = null };
        await cluster.RelabelAsync(found!, writes.Set.ToDictionary(s => s.Key[Field.Length..], s => s.Value, StringComparer.Ordinal), annotations, cancellationToken);
        return new ActionResult { Left = writes.Left };
    }
}
