using Octokit;
using Octokit.Models.Response;
using Onramp.Activities.Common;
using Temporalio.Exceptions;

namespace Onramp.Activities.GitHub;

/// <summary>Deployment environments and their variables; Octokit only lists environments, and knows no variables of theirs.</summary>
internal static class DeploymentEnvironments
{
    /// <summary>GitHub gives no more variables a page than this, whatever is asked for.</summary>
    private static readonly ApiOptions Pages = new() { PageSize = 30 };

    public static Task<bool> HasEnvironmentAsync(this IGitHubClient github, RepositoryRef repository, string environment) =>
        github.Connection.Get<DeploymentEnvironment>(repository.Below($"environments/{environment}"), null).IsThereAsync();

    /// <summary>Creates or replaces an environment with these rules.</summary>
    public static Task PutEnvironmentAsync(this IGitHubClient github, RepositoryRef repository, string environment, EnvironmentRules rules) =>
        github.Connection.Put(repository.Below($"environments/{environment}"), rules.ToJson().ToJsonString());

    public static Task DeleteEnvironmentAsync(this IGitHubClient github, RepositoryRef repository, string environment) =>
        github.Connection.Delete(repository.Below($"environments/{environment}")).OrGoneAsync();

    /// <summary>All variables of an environment; none when it isn't there.</summary>
    public static async Task<IReadOnlyList<RepositoryVariable>> ListVariablesAsync(this IGitHubClient github, RepositoryRef repository, string environment)
    {
        var pages = await new ApiConnection(github.Connection)
            .GetAll<RepositoryVariablesCollection>(repository.Below($"environments/{environment}/variables"), Pages)
            .OrNullAsync();
        return [.. (pages ?? []).SelectMany(p => p.Variables)];
    }

    /// <summary>Sets a variable: creation is refused when it exists, so that is answered by an update.</summary>
    public static async Task SetVariableAsync(this IGitHubClient github, RepositoryRef repository, string environment, string name, string value)
    {
        try
        {
            await github.Connection.Post(repository.Below($"environments/{environment}/variables"), new { name, value }, null);
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(409, "already exists"))
        {
            await github.Connection.Patch(repository.Below($"environments/{environment}/variables/{name}"), new { name, value });
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(404))
        {
            // The run has just made the environment, perhaps in a repository that is no longer new.
            throw Failures.Transient("GitHub", $"environment {environment} can't be seen yet", 404);
        }
    }

    public static Task DeleteVariableAsync(this IGitHubClient github, RepositoryRef repository, string environment, string name) =>
        github.Connection.Delete(repository.Below($"environments/{environment}/variables/{name}")).OrGoneAsync();
}
