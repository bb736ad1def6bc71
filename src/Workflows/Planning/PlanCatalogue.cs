using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Planning;

/// <summary>What a plan gives: quota, container limits and its monthly share of the cluster.</summary>
public sealed record NamespacePlan(
    string Name,
    IReadOnlyList<KeyValuePair<string, string>> Hard,
    ContainerLimits Container,
    string StorageClaimMaximum,
    decimal MonthlyCost);

/// <summary>CPU and memory of one kind of limit.</summary>
public sealed record CpuMemory(string Cpu, string Memory);

/// <summary>Container part of a LimitRange.</summary>
public sealed record ContainerLimits(CpuMemory Default, CpuMemory DefaultRequest, CpuMemory Maximum, CpuMemory Minimum);

/// <summary>The four sizes. Rows are ordered lists, so that what is applied and what is digested never depends on hashing.</summary>
public static class PlanCatalogue
{
    private static readonly string[] Keys =
    [
        "requests.cpu", "limits.cpu", "requests.memory", "limits.memory", "requests.storage", "persistentvolumeclaims",
        "pods", "services", "services.loadbalancers", "services.nodeports", "configmaps", "secrets",
        "count/jobs.batch", "count/cronjobs.batch",
    ];

    private static readonly CpuMemory Minimum = new("10m", "16Mi");

    private static readonly NamespacePlan[] Plans =
    [
        Plan(Vocabulary.PlanMicro, 18m, ["500m", "1", "512Mi", "1Gi", "5Gi", "1", "10", "5", "0", "0", "20", "20", "10", "2"],
            new("100m", "128Mi"), new("50m", "64Mi"), new("500m", "512Mi")),
        Plan(Vocabulary.PlanSmall, 46m, ["1", "2", "2Gi", "4Gi", "20Gi", "3", "20", "10", "0", "0", "40", "40", "20", "5"],
            new("200m", "256Mi"), new("100m", "128Mi"), new("1", "2Gi")),
        Plan(Vocabulary.PlanMedium, 182m, ["4", "8", "8Gi", "16Gi", "100Gi", "10", "50", "20", "1", "0", "100", "100", "50", "10"],
            new("500m", "512Mi"), new("100m", "256Mi"), new("4", "8Gi")),
        Plan(Vocabulary.PlanLarge, 728m, ["16", "32", "32Gi", "64Gi", "500Gi", "30", "150", "50", "2", "0", "300", "300", "100", "20"],
            new("500m", "512Mi"), new("100m", "256Mi"), new("8", "16Gi")),
    ];

    /// <summary>The plan of this name; the validator has refused every other name.</summary>
    public static NamespacePlan Get(string name) => Plans.Single(p => p.Name == name);

    private static NamespacePlan Plan(
        string name, decimal monthlyCost, string[] hard, CpuMemory @default, CpuMemory defaultRequest, CpuMemory maximum) =>
        new(name, Keys.Zip(hard, KeyValuePair.Create).ToArray(), new ContainerLimits(@default, defaultRequest, maximum, Minimum),
            hard[Array.IndexOf(Keys, "requests.storage")], monthlyCost);
}
