using System.Text.Json.Nodes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Onramp.Workflows.Planning;

namespace Onramp.Activities.Kubernetes;

/// <summary>The objects of a namespace, each always built whole from the run's input.</summary>
internal static class NamespaceObjects
{
    public const string QuotaName = "platform-plan";
    public const string LimitsName = "platform-defaults";
    public const string TeamBindingName = "team-access";

    public static JsonObject Of(KubernetesKind kind, JsonObject metadata, string member, JsonNode content) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["metadata"] = metadata,
        [member] = content,
    };

    public static JsonObject Namespace(StepInput input)
    {
        var metadata = KubernetesMarks.Metadata(input, input.Names.Namespace);
        var labels = metadata["labels"]!.AsObject();
        labels["platform.io/plan"] = input.Request.Plan;
        labels["platform.io/network-policy"] = input.Request.NetworkPolicy;
        var level = input.Request.Environment == Vocabulary.Production ? "restricted" : "baseline";
        labels["pod-security.kubernetes.io/enforce"] = level;
        labels["pod-security.kubernetes.io/audit"] = "restricted";
        labels["pod-security.kubernetes.io/warn"] = "restricted";
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = metadata };
    }

    public static JsonObject Quota(StepInput input)
    {
        var hard = new JsonObject();
        foreach (var (resource, amount) in PlanCatalogue.Get(input.Request.Plan).Hard)
            hard[resource] = amount;
        return Of(Kinds.ResourceQuota, Metadata(input, QuotaName), "spec", new JsonObject { ["hard"] = hard });
    }

    public static JsonObject Limits(StepInput input)
    {
        var plan = PlanCatalogue.Get(input.Request.Plan);
        var limits = new JsonArray(
            new JsonObject
            {
                ["type"] = "Container",
                ["default"] = CpuMemory(plan.Container.Default),
                ["defaultRequest"] = CpuMemory(plan.Container.DefaultRequest),
                ["max"] = CpuMemory(plan.Container.Maximum),
                ["min"] = CpuMemory(plan.Container.Minimum),
            },
            new JsonObject { ["type"] = "PersistentVolumeClaim", ["max"] = new JsonObject { ["storage"] = plan.StorageClaimMaximum } });
        return Of(Kinds.LimitRange, Metadata(input, LimitsName), "spec", new JsonObject { ["limits"] = limits });
    }

    public static JsonObject TeamBinding(StepInput input) => Binding(
        input,
        TeamBindingName,
        KubernetesSteps.AccessRole(input.Request.Environment),
        new JsonObject { ["kind"] = "Group", ["apiGroup"] = "rbac.authorization.k8s.io", ["name"] = Planner.EntraGroup(input.Request, input.Platform) });

    public static JsonObject Binding(StepInput input, string name, string clusterRole, JsonObject subject)
    {
        var binding = Of(Kinds.RoleBinding, Metadata(input, name), "subjects", new JsonArray(subject));
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = clusterRole };
        return binding;
    }

    public static JsonObject ServiceAccount(StepInput input)
    {
        var metadata = Metadata(input, input.Names.ServiceAccount);
        var annotations = metadata["annotations"]!.AsObject();
        annotations["azure.workload.identity/client-id"] = input.Fact(StepFacts.IdentityClientId);
        annotations["azure.workload.identity/tenant-id"] = input.Platform.Azure.TenantId;
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ServiceAccount", ["metadata"] = metadata };
    }

    public static JsonObject SecretProvider(StepInput input) => Of(
        Kinds.SecretProviderClass,
        Metadata(input, input.Names.ServiceAccount),
        "spec",
        new JsonObject
        {
            ["provider"] = "azure",
            ["parameters"] = new JsonObject
            {
                ["usePodIdentity"] = "false",
                ["clientID"] = input.Fact(StepFacts.IdentityClientId),
                ["keyvaultName"] = input.Fact(StepFacts.VaultName),
                ["cloudName"] = "",
                ["tenantId"] = input.Platform.Azure.TenantId,
                ["objects"] = "array: []\n",
            },
        });

    public static JsonObject ServiceMonitor(StepInput input)
    {
        var metadata = Metadata(input, input.Request.Name);
        metadata["labels"]!["release"] = input.Platform.Kubernetes.MonitorRelease;
        return Of(Kinds.ServiceMonitor, metadata, "spec", new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app.kubernetes.io/name"] = input.Request.Name } },
            ["namespaceSelector"] = new JsonObject { ["matchNames"] = new JsonArray(input.Names.Namespace) },
            ["endpoints"] = new JsonArray(new JsonObject { ["port"] = "http", ["path"] = "/metrics", ["interval"] = "30s" }),
        });
    }

    public static JsonObject Metadata(StepInput input, string name) => KubernetesMarks.Metadata(input, name, input.Names.Namespace);

    private static JsonObject CpuMemory(CpuMemory amount) => new() { ["cpu"] = amount.Cpu, ["memory"] = amount.Memory };
}
