using Onramp.Workflows.Contracts;

namespace Onramp.Workflows.Planning;

/// <summary>Monthly cost of what a plan lists, from a price table; an order of magnitude for approvers.</summary>
public static class CostEstimator
{
    private const decimal KeyVault = 1m;
    private const decimal RegistryShare = 5m;
    private const decimal ProductionLogs = 24m;
    private const decimal OtherLogs = 8m;
    private const decimal Monitoring = 9m;
    private const decimal Alerts = 1.5m;
    private const decimal LoadBalancer = 22m;

    public static CostEstimate Estimate(ServiceRequest request)
    {
        var plan = PlanCatalogue.Get(request.Plan);
        var loadBalancers = int.Parse(plan.Hard.Single(h => h.Key == "services.loadbalancers").Value);
        var lines = new List<CostLine>
        {
            new($"namespace, plan {plan.Name}", plan.MonthlyCost),
            new("key vault", KeyVault),
            new("share of the container registry", RegistryShare),
            new("logs", request.Environment == Vocabulary.Production ? ProductionLogs : OtherLogs),
        };
        if (loadBalancers > 0)
            lines.Add(new CostLine($"up to {loadBalancers} load balancers", loadBalancers * LoadBalancer));
        if (request.Features.Monitoring)
            lines.Add(new CostLine("metrics and dashboard", Monitoring));
        if (request.Features.Alerts)
            lines.Add(new CostLine("alert rules", Alerts));
        return new CostEstimate { Lines = lines, MonthlyTotal = lines.Sum(l => l.Monthly) };
    }
}
