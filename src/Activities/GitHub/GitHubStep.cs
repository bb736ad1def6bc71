using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;

namespace Onramp.Activities.GitHub;

/// <summary>What every activity on GitHub begins with.</summary>
internal static class GitHubStep
{
    /// <summary>Makes every call from here on carry the step's key, end with the activity, and be judged by how new the run's repository is.</summary>
    public static void Begin(StepInput input)
    {
        StepActivity.Begin(input.Key);
        RepositoryAtWork.Begin(input.Repository());
    }
}
