using k8s;
using k8s.Models;
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

    private const string Rbac = "rbac.authorization.k8s.io";

    public static V1Namespace Namespace(StepInput input)
    {
        var metadata = KubernetesMarks.Metadata(input, input.Names.Namespace);
        metadata.Labels["platform.io/plan"] = input.Request.Plan;
        metadata.Labels["platform.io/network-policy"] = input.Request.NetworkPolicy;
        if (input.Request.Dependencies.Count > 0)
            metadata.Annotations[KubernetesMarks.Dependencies] = string.Join(',', input.Request.Dependencies);
        metadata.Labels["pod-security.kubernetes.io/enforce"] = input.Request.Environment == Vocabulary.Production ? "restricted" : "baseline";
        metadata.Labels["pod-security.kubernetes.io/audit"] = "restricted";
        metadata.Labels["pod-security.kubernetes.io/warn"] = "restricted";
        return new V1Namespace { Metadata = metadata }.Initialize();
    }

    public static V1ResourceQuota Quota(StepInput input) => new V1ResourceQuota
    {
        Metadata = Metadata(input, QuotaName),
        Spec = new V1ResourceQuotaSpec
        {
            Hard = PlanCatalogue.Get(input.Request.Plan).Hard.ToDictionary(h => h.Key, h => new ResourceQuantity(h.Value), StringComparer.Ordinal),
        },
    }.Initialize();

    public static V1LimitRange Limits(StepInput input)
    {
        var plan = PlanCatalogue.Get(input.Request.Plan);
        return new V1LimitRange
        {
            Metadata = Metadata(input, LimitsName),
            Spec = new V1LimitRangeSpec
            {
                Limits =
                [
                    new V1LimitRangeItem
                    {
                        Type = "Container",
                        DefaultProperty = Amounts(plan.Container.Default),
                        DefaultRequest = Amounts(plan.Container.DefaultRequest),
                        Max = Amounts(plan.Container.Maximum),
                        Min = Amounts(plan.Container.Minimum),
                    },
                    new V1LimitRangeItem
                    {
                        Type = "PersistentVolumeClaim",
                        Max = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal) { ["storage"] = new(plan.StorageClaimMaximum) },
                    },
                ],
            },
        }.Initialize();
    }

    public static V1RoleBinding TeamBinding(StepInput input) => Binding(
        input,
        TeamBindingName,
        KubernetesSteps.AccessRole(input.Request.Environment, input.Platform),
        new Rbacv1Subject { Kind = "Group", ApiGroup = Rbac, Name = input.Platform.Azure.GroupOf(input.Request) });

    public static V1RoleBinding Binding(StepInput input, string name, string clusterRole, Rbacv1Subject subject) => new V1RoleBinding
    {
        Metadata = Metadata(input, name),
        Subjects = [subject],
        RoleRef = new V1RoleRef { ApiGroup = Rbac, Kind = "ClusterRole", Name = clusterRole },
    }.Initialize();

    public static V1ServiceAccount ServiceAccount(StepInput input)
    {
        var metadata = Metadata(input, input.Names.ServiceAccount);
        metadata.Annotations["azure.workload.identity/client-id"] = input.Fact(StepFacts.IdentityClientId);
        metadata.Annotations["azure.workload.identity/tenant-id"] = input.Platform.Azure.TenantId;
        return new V1ServiceAccount { Metadata = metadata }.Initialize();
    }

    public static SecretProviderClass SecretProvider(StepInput input) => new SecretProviderClass
    {
        Metadata = Metadata(input, input.Names.ServiceAccount),
        Spec = new SecretProviderClassSpec("azure", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["usePodIdentity"] = "false",
            ["clientID"] = input.Fact(StepFacts.IdentityClientId),
            ["keyvaultName"] = input.Fact(StepFacts.VaultName),
            ["cloudName"] = "",
            ["tenantId"] = input.Platform.Azure.TenantId,
            ["objects"] = "array: []\n",
        }),
    }.Initialize();

    public static ServiceMonitor ServiceMonitor(StepInput input)
    {
        var metadata = Metadata(input, input.Request.Name);
        metadata.Labels["release"] = input.Platform.Kubernetes.MonitorRelease;
        return new ServiceMonitor
        {
            Metadata = metadata,
            Spec = new ServiceMonitorSpec(
                new V1LabelSelector { MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app.kubernetes.io/name"] = input.Request.Name } },
                new NamespaceNames([input.Names.Namespace]),
                [new MonitorEndpoint("http", "/metrics", "30s")]),
        }.Initialize();
    }

    public static V1ObjectMeta Metadata(StepInput input, string name) => KubernetesMarks.Metadata(input, name, input.Names.Namespace);

    private static Dictionary<string, ResourceQuantity> Amounts(CpuMemory amount) =>
        new(StringComparer.Ordinal) { ["cpu"] = new(amount.Cpu), ["memory"] = new(amount.Memory) };
}
