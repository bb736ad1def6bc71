using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>
/// A call that GitHub refused is already the failure that the step ends with. It takes the place of Octokit's own exceptions, whose texts hold
/// whole answers. Steps for which some refusal is an answer catch it by its status and words: GitHub tells much apart by words alone, all under
/// the same status.
/// </summary>
internal static class GitHubRefusal
{
    /// <summary>Whether GitHub refused with this status, and for a reason with these words in it.</summary>
    public static bool IsRefusal(this ApplicationFailureException failure, int status, string words = "") =>
        failure.Details is { Count: > 0 } details
        && details.ElementAt<FailureDetail>(0) is { System: GitHubErrors.System } detail
        && detail.HttpStatus == status
        && failure.Message.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the organization's plan lacks what was asked for.</summary>
    public static bool IsPlanLimit(this ApplicationFailureException failure) => failure.ErrorType == ErrorTypes.PlanUnsupported;

    /// <summary>What was asked for, or null when it isn't there.</summary>
    public static async Task<T?> OrNullAsync<T>(this Task<T> call)
        where T : class
    {
        try
        {
            return await call;
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(404))
        {
            return null;
        }
    }

    /// <summary>Whether what was asked for is there.</summary>
    public static async Task<bool> IsThereAsync(this Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(404))
        {
            return false;
        }
    }

    /// <summary>For deletions: what is gone needs none.</summary>
    public static Task OrGoneAsync(this Task call) => call.IsThereAsync();
}
