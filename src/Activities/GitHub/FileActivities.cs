using Octokit;
using Onramp.Activities.Common;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using static Onramp.Activities.Common.StepResults;

namespace Onramp.Activities.GitHub;

/// <summary>Commits the service's own files, one after the other: parallel writers of a branch refuse each other.</summary>
public sealed class FileActivities
{
    /// <summary>How often a file is read again because somebody else wrote it in between.</summary>
    private const int MaxRereads = 5;

    private readonly IGitHubClient github;

    internal FileActivities(IGitHubClient github) => this.github = github;

    [Activity(ActivityNames.CommitFiles)]
    public async Task<StepResult> CommitAsync(StepInput input)
    {
        GitHubStep.Begin(input);
        var repository = await github.RequireRepositoryAsync(input);
        var branch = input.Fact(StepFacts.DefaultBranch);
        var resources = new List<StepResource>();
        foreach (var (path, content) in GoldenPathFiles.For(input))
        {
            var before = GoldenPathFiles.PlaceBefore(input, path);
            if (before is null)
                await WriteAsync(input, repository, path, branch, content);
            resources.Add(new StepResource("file", before ?? path, before is null ? GoldenPathFiles.BlobSha(content) : "", Created: before is null));
        }
        var catalogInfo = GoldenPathFiles.PlaceBefore(input, GoldenPathFiles.CatalogInfo) ?? GoldenPathFiles.CatalogInfo;
        var target = $"{input.Fact(StepFacts.RepositoryUrl)}/blob/{branch}/{catalogInfo}";
        return Done(resources, null, (StepFacts.CatalogTarget, target));
    }

    /// <summary>In an adopted repository removes the files that this run wrote and nobody has changed since.</summary>
    [Activity(ActivityNames.RevertFiles)]
    public async Task<UndoResult> RevertAsync(StepInput input, StepResult? result)
    {
        GitHubStep.Begin(input);
        if (input.GoesWithRepository())
            return Undone;
        var branch = input.Fact(StepFacts.DefaultBranch);
        return await github.UndoInsideAsync(input, "the service's files", async repository =>
        {
            foreach (var (path, content) in GoldenPathFiles.For(input).Where(f => GoldenPathFiles.PlaceBefore(input, f.Path) is null))
            {
                var found = await github.FindFileAsync(repository, path, branch);
                if (found?.Sha == GoldenPathFiles.BlobSha(content))
                    await github.DeleteFileAsync(repository, path, branch, found.Sha, Message(input, $"revert {path}"));
            }
        });
    }

    private async Task WriteAsync(StepInput input, RepositoryRef repository, string path, string branch, string content)
    {
        for (var reads = 0; reads <= MaxRereads; reads++)
        {
            var found = await github.FindFileAsync(repository, path, branch);
            if (found?.Sha == GoldenPathFiles.BlobSha(content))
                return;
            if (await github.TryWriteFileAsync(repository, path, branch, content, found?.Sha, Message(input, path)))
                return;
        }
        throw Failures.Of(ErrorTypes.Conflict, "GitHub", $"{path} keeps being changed by somebody else");
    }

    private static string Message(StepInput input, string what) =>
        $"chore: onboard {input.Request.Name}: {what}\n\n{Correlation.Header}: {input.Key.CorrelationId}";
}
