using System.Text.RegularExpressions;
using Onramp.Starter.Http;
using Onramp.Workflows.Contracts;

namespace Onramp.Starter.Services;

/// <summary>A service's id in the API, <c>{service}-{environment}</c>, and the workflow's id that belongs to it.</summary>
internal static partial class ServiceIds
{
    public static string ToWorkflowId(string id)
    {
        if (!Pattern().IsMatch(id))
            throw new ProblemException(Problems.UnknownService(id));
        return OnboardingContract.WorkflowIdPrefix + id;
    }

    public static string FromWorkflowId(string workflowId) => workflowId[OnboardingContract.WorkflowIdPrefix.Length..];

    [GeneratedRegex(@"^[a-z][a-z0-9-]{2,29}-(development|staging|production)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
