using Onramp.Activities.Capabilities;
using Onramp.Activities.Common;
using Onramp.Activities.Policy;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;

namespace Onramp.Activities.Planning;

/// <summary>Resolve, observe, plan, and what policy says to it.</summary>
public sealed class PlanningActivities
{
    private readonly CapabilitySet capabilities;
    private readonly Resolver resolver;
    private readonly Planner planner;
    private readonly ChangePolicy policy;

    internal PlanningActivities(CapabilitySet capabilities, PriceList prices, ChangePolicy policy)
    {
        this.capabilities = capabilities;
        this.policy = policy;
        resolver = new Resolver(capabilities);
        planner = new Planner(capabilities, prices);
    }

    [Activity(PlanningContract.Resolve)]
    public Resolved Resolve(ResolveInput input) => resolver.Resolve(input);

    [Activity(PlanningContract.Observe)]
    public async Task<IReadOnlyList<Observed>> ObserveAsync(ObserveInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Operation);
        return await Task.WhenAll(input.Things.Select(t => Of(t.Capability).ObserveAsync(t, cancellationToken)));
    }

    [Activity(PlanningContract.Make)]
    public ChangePlan Make(PlanInput input) => planner.Plan(input);

    [Activity(PlanningContract.Decide)]
    public PolicyVerdict Decide(PolicyInput input) => policy.Decide(input);

    private ICapability Of(string id) =>
        capabilities.Find(id) ?? throw Failures.Of(ErrorTypes.NotFound, "Onramp", $"this version knows no capability '{id}'");
}
