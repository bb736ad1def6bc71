using Onramp.Workflows.Contracts;
using Onramp.Workflows.Planning;
using Onramp.Workflows.Validation;

namespace Onramp.Workflows.Onboarding;

/// <summary>Turns a request into the list of what will be made. Pure.</summary>
public static class Planner
{
    /// <summary>Rules that only the platform's own settings can answer.</summary>
    public static IReadOnlyList<FieldError> Check(ServiceRequest request, PlatformProfile platform)
    {
        var errors = new List<FieldError>();
        if (platform.Azure.GroupOf(request).Length == 0)
        {
            errors.Add(new FieldError("entraGroupId", "required",
                $"entraGroupId is required: the platform knows no group of team {request.Team}"));
        }
        if (request.Region.Length == 0 && platform.Azure.DefaultRegion.Length == 0)
            errors.Add(new FieldError("region", "required", "region is required: the platform has no region of its own"));
        return errors;
    }

    /// <summary>As <see cref="Check"/>, of rules that runs began without.</summary>
    public static IReadOnlyList<FieldError> CheckFeatures(ServiceRequest request, PlatformProfile platform) =>
        request.Features.GitOps == Vocabulary.GitOpsFlux && platform.Kubernetes.FluxProvider == "none"
            ? [new FieldError("features.gitOps", "unsupported", "features.gitOps can't be 'flux': this platform has no Flux; ask for 'argocd' or 'none'")]
            : [];

    /// <summary>What is asked and can't be had, without being worth a refusal.</summary>
    public static IEnumerable<string> Warnings(ServiceRequest request, PlatformProfile platform)
    {
        var channel = request.Notifications.Channel;
        if (channel.Length > 0 && !platform.Notifications.HasChat)
            yield return $"notifications.channel {channel} can't be written to: the platform has no chat";
        else if (channel.Length > 0 && platform.Notifications.ChatChannels is { } channels && !channels.Contains(channel, StringComparer.Ordinal))
        {
            yield return $"notifications.channel {channel} can't be written to: the platform's chat has {(channels.Count == 0 ? "one channel of its own" : string.Join(", ", channels))}; "
                + "messages go to the platform's channel";
        }
        if (request.Notifications.Email.Length > 0 && !platform.Notifications.HasMail)
            yield return $"notifications.email {request.Notifications.Email} can't be written to: the platform has no mail service";
    }

    public static OnboardingPlan Plan(ServiceRequest request, ServiceNames names, PlatformProfile platform, LookAhead? ahead = null)
    {
        var context = new PlanContext(request, names, platform, ahead ?? new LookAhead());
        var resources = OnboardingSteps.For(request, platform).SelectMany(step => step.Plans(context)).ToList();
        var cost = CostEstimator.Estimate(request);
        return new OnboardingPlan { Resources = resources, Cost = cost, Digest = PlanDigest.Compute(request, resources, cost) };
    }

    /// <summary>Whether the team's group may write the vault's secrets: outside production, in runs whose plan says so.</summary>
    public static bool TeamWritesSecrets(ServiceRequest request, PlatformProfile platform) =>
        platform.Azure.VaultNetwork is not null && request.Environment != Vocabulary.Production;
}
