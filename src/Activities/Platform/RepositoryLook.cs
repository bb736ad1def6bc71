using Octokit;
using Onramp.Activities.GitHub;
using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Activities.Platform;

/// <summary>Whether the repository that a request wants made can be made, or the one that it wants adopted can be.</summary>
internal sealed class RepositoryLook(IGitHubClient github)
{
    public Task LookAsync(StepInput input, Findings findings) =>
        input.Request.Repository.Mode == Vocabulary.RepositoryAdopt ? AdoptAsync(input, findings) : CreateAsync(input, findings);

    private async Task CreateAsync(StepInput input, Findings findings)
    {
        var wanted = $"{input.Names.RepositoryOwner}/{input.Names.RepositoryName}";
        // A repository that was renamed away still answers under its old name; the name itself is free.
        if (await FindAsync(input) is { } found && RepositoryActivities.IsNamed(found, input.Names) && !RepositoryActivities.IsOwn(found, input.Key))
        {
            findings.Add(ErrorTypes.NameTaken, "name", "taken",
                $"the repository {wanted} is there already{(found.Archived ? ", archived" : "")}; where it is this service's, which another environment of it has made, "
                + "ask with repository.mode 'adopt', and else choose another service name");
        }
        var template = RepositoryActivities.Template(input);
        if (await github.Repository.Get(template.Owner, template.Name).OrNullAsync() is not { } golden)
            findings.Add(ErrorTypes.NotFound, "template", "unknown", $"there is no template repository {template.Owner}/{template.Name}");
        else if (!golden.IsTemplate)
            findings.Add(ErrorTypes.PolicyDenied, "template", "notTemplate", $"{golden.FullName} is no template repository; the platform's people have to make it one");
        else if (!await github.HasBranchAsync(RepositoryRef.To(golden), golden.DefaultBranch))
            findings.Add(ErrorTypes.PolicyDenied, "template", "empty", $"the template repository {golden.FullName} is empty; the platform's people have to fill it");
    }

    private async Task AdoptAsync(StepInput input, Findings findings)
    {
        var wanted = $"{input.Names.RepositoryOwner}/{input.Names.RepositoryName}";
        if (await FindAsync(input) is not { } found)
            findings.Add(ErrorTypes.NotFound, "repository.mode", "adopt", $"there is no repository {wanted} to adopt");
        else if (!RepositoryActivities.IsNamed(found, input.Names))
            findings.Add(ErrorTypes.PolicyDenied, "repository.mode", "adopt", $"{wanted} is {found.FullName} by now; ask under that name");
        else if (found.Archived)
            findings.Add(ErrorTypes.PolicyDenied, "repository.mode", "adopt", $"{found.FullName} is archived; unarchive it first");
        else if (!await github.HasBranchAsync(RepositoryRef.To(found), found.DefaultBranch))
            findings.Add(ErrorTypes.PolicyDenied, "repository.mode", "adopt", $"{found.FullName} is empty; push a first commit, or delete it and let it be created");
        else
            await SubjectAsync(input, found, findings);
    }

    /// <summary>Whether a credential can be made for the tokens of the repository's workflows.</summary>
    private async Task SubjectAsync(StepInput input, Repository repository, Findings findings)
    {
        var subject = await OidcSubject.ReadAsync(github, RepositoryRef.To(repository));
        try
        {
            subject.For(repository, input.Names.EnvironmentShort);
        }
        catch (ApplicationFailureException e)
        {
            findings.Add(ErrorTypes.PolicyDenied, "repository.mode", "oidcSubject", e.Message);
        }
    }

    private Task<Repository?> FindAsync(StepInput input) => github.Repository.Get(input.Names.RepositoryOwner, input.Names.RepositoryName).OrNullAsync();
}
