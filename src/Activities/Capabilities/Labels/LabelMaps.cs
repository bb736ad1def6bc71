using System.Text.Json;
using k8s;
using k8s.Models;
using Onramp.Activities.Common;
using Onramp.Activities.Kubernetes;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Capabilities.Labels;
using Onramp.Workflows.Capabilities.Namespace;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Activities;

namespace Onramp.Activities.Capabilities.Labels;

/// <summary>The ConfigMap with the team's labels. Its fields are its data; it lives and goes in the namespace.</summary>
internal sealed class LabelMaps(Cluster cluster) : ICapability
{
    private const string Name = "onramp-labels";
    private const string System = "Kubernetes";

    private static readonly AppliedKind<V1ConfigMap> Kind = new(
        V1ConfigMap.KubeKind,
        (k, at, c) => k.CoreV1.ReadNamespacedConfigMapAsync(at.Name, at.Namespace, cancellationToken: c),
        (k, at, p, c) => k.CoreV1.PatchNamespacedConfigMapAsync(p, at.Name, at.Namespace, fieldManager: Kinds.FieldManager, force: true, cancellationToken: c),
        (k, at, o, c) => k.CoreV1.DeleteNamespacedConfigMapAsync(at.Name, at.Namespace, o, cancellationToken: c));

    public CapabilityRow Row => LabelsCapability.Row;

    public Wish? Want(ServiceSpec service, string? environment)
    {
        if (environment is null || service.Environment(environment) is not { } wanted)
            return null;
        var spec = new LabelsSpec { Data = new(wanted.Labels.ToDictionary(l => Key(l.Key), l => l.Value, StringComparer.Ordinal), StringComparer.Ordinal) };
        return new Wish($"{service.Name}-{Vocabulary.ShortEnvironment(environment)}/{Name}", Wire.ToJson(spec), Fields(spec.Data));
    }

    public decimal MonthlyCost(JsonElement spec) => 0;

    public async Task<Observed> ObserveAsync(Thing thing, CancellationToken cancellationToken)
    {
        var seen = new Observed { Capability = thing.Capability, Scope = thing.Scope, Name = thing.Name };
        return await cluster.FindAsync(Kind, At(thing.Name), cancellationToken) is not { } found
            ? seen
            : seen with
            {
                Exists = true,
                Going = found.IsTerminating(),
                Owner = found.GetAnnotation(OwnerMarks.Owner),
                Operation = found.GetAnnotation(OwnerMarks.Operation),
                Id = found.Uid(),
                Fields = Fields(found.Data ?? new Dictionary<string, string>(StringComparer.Ordinal)),
            };
    }

    /// <summary>It goes with its namespace, which is found; then it is planned anew and known again.</summary>
    public Task<IReadOnlyList<FoundThing>> FindAsync(string service, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<FoundThing>>([]);

    [Activity(LabelsCapability.Ensure)]
    public async Task<ActionResult> EnsureAsync(EnsureInput<LabelsSpec> input)
    {
        var cancellationToken = StepActivity.Begin(input.Operation);
        var found = await cluster.FindAsync(Kind, At(input.Name), cancellationToken);
        if (found is not null && found.GetAnnotation(OwnerMarks.Owner) != input.Owner.ToString() && input.Mode != EnsureMode.Adopt)
            throw Failures.Of(ErrorTypes.OwnedByOther, System, $"ConfigMap {input.Name} is not {input.Owner}'s");
        if (found is null && input.Mode == EnsureMode.Create)
            return Made(await cluster.ApplyAsync(Kind, Map(input, NamespaceCapability.Made.Read(input.Inputs).Name, input.Spec!.Data), cancellationToken), []);
        if (found is null)
            throw Failures.Of(ErrorTypes.ChangedMeanwhile, System, $"ConfigMap {input.Name} was there when it was planned and is gone", "Repair the service.");
        if (input.Mode == EnsureMode.Create)
            return Made(found, []);
        var data = new SortedDictionary<string, string>(found.Data ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
        var writes = FieldWrites.For(input.Mode, input.Changes, field => data.GetValueOrDefault(field), System, input.Name);
        foreach (var (field, value) in writes.Set)
        {
            data.Remove(field);
            if (value is not null)
                data.Add(field, value);
        }
        return Made(await cluster.ApplyAsync(Kind, Map(input, At(input.Name).Namespace!, data), cancellationToken), writes.Left);
    }

    [Activity(LabelsCapability.Remove)]
    public async Task<ActionResult> RemoveAsync(RemoveInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Operation);
        bool IsOurs(IKubernetesObject<V1ObjectMeta> found) =>
            found.GetAnnotation(OwnerMarks.Owner) == input.Owner.ToString()
            && (!input.OnlyOwnOperation || found.GetAnnotation(OwnerMarks.Operation) == input.Operation.ToString());
        return await cluster.DeleteOursAsync(Kind, At(input.Name), IsOurs, cancellationToken)
            ? new ActionResult()
            : new ActionResult { Ready = false, WaitingFor = $"the removal of ConfigMap {input.Name}" };
    }

    private static ObjectRef At(string name) => name.Split('/', 2) is [var @namespace, var own] ? new(@namespace, own) : new(null, name);

    /// <summary>A label's prefix ends with a slash, which a ConfigMap's key can't hold.</summary>
    private static string Key(string label) => label.Replace('/', '.');

    private static SortedDictionary<string, string?> Fields(IEnumerable<KeyValuePair<string, string>> data) =>
        new(data.ToDictionary(d => d.Key, d => (string?)d.Value, StringComparer.Ordinal), StringComparer.Ordinal);

    private static V1ConfigMap Map(EnsureInput<LabelsSpec> input, string @namespace, IDictionary<string, string> data) => new V1ConfigMap
    {
        Metadata = new V1ObjectMeta
        {
            Name = Name,
            NamespaceProperty = @namespace,
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [OwnerMarks.Owner] = input.Owner.ToString(),
                [OwnerMarks.Operation] = input.Operation.ToString(),
            },
        },
        Data = data,
    }.Initialize();

    private static ActionResult Made(V1ConfigMap found, IReadOnlyList<string> left) => new() { Id = found.Uid(), Left = left };
}
