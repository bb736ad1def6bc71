using System.Globalization;
using System.Text.Json;
using Octokit;
using Onramp.Activities.Common;
using Onramp.Activities.GitHub;
using Onramp.Activities.Planning;
using Onramp.Workflows.Capabilities;
using Onramp.Workflows.Capabilities.Repository;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Onramp.Activities.Capabilities.Repository;

/// <summary>
/// The service's repository. Its description ends in the mark, which is set in the very call that makes it: whether a repository is ours can be
/// told even when the answer to that call was lost. Its fields are its visibility and the description before the mark.
/// </summary>
internal sealed class Repositories(
    IGitHubClient github, RepositoryHistory history, Microsoft.Extensions.Options.IOptions<GitHubOptions> options, TimeProvider time) : ICapability
{
    private const string System = "GitHub";
    private const string Visibility = "visibility";
    private const string Description = "description";

    /// <summary>How long a repository whose name is taken may not be seen.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    public CapabilityRow Row => RepositoryCapability.Row;

    public Wish? Want(ServiceSpec service, string? environment)
    {
        var spec = new RepositorySpec
        {
            Owner = options.Value.Organization,
            Name = service.Name,
            Template = options.Value.TemplateRepository
                .Replace("{template}", Vocabulary.DefaultTemplate, StringComparison.Ordinal)
                .Replace("{language}", Vocabulary.DefaultLanguage, StringComparison.Ordinal),
            Description = service.Description,
            Visibility = service.Visibility,
        };
        return new Wish($"{spec.Owner}/{spec.Name}", Wire.ToJson(spec), Fields(spec.Visibility, spec.Description));
    }

    public decimal MonthlyCost(JsonElement spec) => 4m;

    public async Task<Observed> ObserveAsync(Thing thing, CancellationToken cancellationToken)
    {
        var seen = new Observed { Capability = thing.Capability, Scope = thing.Scope, Name = thing.Name };
        if (await FindAsync(thing.Name) is not { Archived: false } found)
            return seen;
        var mark = RepositoryMark.Of(found.Description);
        return seen with
        {
            Exists = true,
            Owner = mark is null ? null : mark.Owner == thing.Owner.Short ? thing.Owner.ToString() : $"somebody with the mark {mark.Owner}",
            Operation = mark?.Operation,
            Id = found.Id.ToString(CultureInfo.InvariantCulture),
            Fields = Fields(Word(found), RepositoryMark.WithoutMark(found.Description)),
        };
    }

    public async Task<IReadOnlyList<FoundThing>> FindAsync(string service, CancellationToken cancellationToken)
    {
        var name = $"{options.Value.Organization}/{service}";
        if (await FindAsync(name) is not { Archived: false } found || RepositoryMark.Of(found.Description)?.Owner != new OwnerMark(service, Scopes.Component).Short)
            return [];
        var (visibility, description) = (Word(found), RepositoryMark.WithoutMark(found.Description));
        var spec = new RepositorySpec { Owner = options.Value.Organization, Name = service, Description = description, Visibility = visibility };
        var made = Made(found);
        return
        [
            new FoundThing(
                new InventoryItem
                {
                    Capability = RepositoryCapability.Id,
                    Scope = Scopes.Component,
                    Name = name,
                    Id = made.Id,
                    Spec = Wire.ToJson(spec),
                    Fields = Fields(visibility, description),
                    Outputs = made.Outputs,
                    Link = made.Link,
                },
                known => known with { Description = description, Visibility = visibility }),
        ];
    }

    [Activity(RepositoryCapability.Ensure)]
    public async Task<ActionResult> EnsureAsync(EnsureInput<RepositorySpec> input)
    {
        StepActivity.Begin(input.Operation);
        var found = await FindAsync(input.Name);
        if (input.Mode != EnsureMode.Create)
            return found is null ? throw Gone(input.Name) : await ChangeAsync(input, found);
        found = await FindOwnAsync(input, found) ?? await GenerateAsync(input);
        var reference = RepositoryRef.To(found);
        RepositoryAtWork.Begin(reference);
        if (!await IsPopulatedAsync(reference, found.DefaultBranch))
            return new ActionResult { Ready = false, WaitingFor = $"the contents of {found.FullName}", Id = found.Id.ToString(CultureInfo.InvariantCulture) };
        if (Word(found) != input.Spec!.Visibility)
            await github.Repository.Edit(reference.Owner, reference.Name, new RepositoryUpdate { Visibility = Parse(input.Spec.Visibility) });
        return Made(found);
    }

    /// <summary>A repository that people have worked in is archived and let go of; no removal takes their work.</summary>
    [Activity(RepositoryCapability.Remove)]
    public async Task<ActionResult> RemoveAsync(RemoveInput input)
    {
        StepActivity.Begin(input.Operation);
        if (await FindAsync(input.Name) is not { } found || !IsOurs(found, input))
            return new ActionResult();
        var reference = RepositoryRef.To(found);
        RepositoryAtWork.Begin(reference);
        if (input.Release)
            return await ReleaseAsync(input, found);
        var own = await history.IsOnlyOfAsync(reference, found.DefaultBranch, []);
        if (own && await github.TryDeleteRepositoryAsync(reference))
            return new ActionResult();
        var unmarked = RepositoryMark.WithoutMark(found.Description);
        await github.Repository.Edit(reference.Owner, reference.Name, new RepositoryUpdate { Description = unmarked, Archived = true });
        return new ActionResult { Left = [$"{System}: {found.FullName} {(own ? "may not be deleted" : "has people's work")} and is archived"] };
    }

    private async Task<ActionResult> ReleaseAsync(RemoveInput input, Octokit.Repository found)
    {
        var description = RepositoryMark.WithoutMark(found.Description);
        var writes = FieldWrites.For(EnsureMode.Restore, input.Changes, field => field == Visibility ? Word(found) : description, System, found.FullName);
        var update = new RepositoryUpdate { Description = writes.Set.TryGetValue(Description, out var was) ? was ?? "" : description };
        if (writes.Set.TryGetValue(Visibility, out var visibility) && visibility is not null)
            update.Visibility = Parse(visibility);
        var reference = RepositoryRef.To(found);
        await github.Repository.Edit(reference.Owner, reference.Name, update);
        return new ActionResult { Left = [$"{System}: {found.FullName} was there before and stays", .. writes.Left] };
    }

    private static SortedDictionary<string, string?> Fields(string visibility, string description) =>
        new(StringComparer.Ordinal) { [Visibility] = visibility, [Description] = description };

    private static string Word(Octokit.Repository found) => found.Visibility?.ToString().ToLowerInvariant() ?? (found.Private ? "private" : "public");

    private static RepositoryVisibility Parse(string word) => Enum.Parse<RepositoryVisibility>(word, ignoreCase: true);

    private static bool IsOurs(Octokit.Repository found, RemoveInput input) =>
        RepositoryMark.Of(found.Description) is { } mark && mark.Owner == input.Owner.Short && (!input.OnlyOwnOperation || mark.Operation == input.Operation.Short);

    private static ActionResult Made(Octokit.Repository found, IReadOnlyList<string>? left = null) => new()
    {
        Id = found.Id.ToString(CultureInfo.InvariantCulture),
        Link = found.HtmlUrl,
        Outputs = new(new[] { RepositoryCapability.Made.With(new RepositoryMade(found.FullName, found.HtmlUrl)) }.ToDictionary(), StringComparer.Ordinal),
        Left = left ?? [],
    };

    private static Exception Taken(string name) => Failures.Of(
        ErrorTypes.NameTaken, System, $"the repository name {name} is taken", "Choose another service name, or adopt the repository if it is yours.");

    /// <summary>The name is taken, and nothing is seen under it: a moment after it was taken that says nothing about whose it is, perhaps our own.</summary>
    private Exception NotSeen(string name) => StepActivity.Age(time) < Lag
        ? Failures.Transient(System, $"{name} exists and can't be seen yet", 422)
        : Taken(name);

    private static Exception Gone(string name) =>
        Failures.Of(ErrorTypes.ChangedMeanwhile, System, $"{name} was there when it was planned and is gone", "Repair the service.");

    private Task<Octokit.Repository?> FindAsync(string name)
    {
        var parts = name.Split('/', 2);
        return github.Repository.Get(parts[0], parts[1]).OrNullAsync();
    }

    private static Task<Octokit.Repository?> FindOwnAsync(EnsureInput<RepositorySpec> input, Octokit.Repository? found)
    {
        if (found is null || RepositoryMark.Of(found.Description)?.Owner == input.Owner.Short)
            return Task.FromResult(found);
        // A repository that was renamed away still answers under its old name; the name itself is free.
        return string.Equals(found.FullName, input.Name, StringComparison.OrdinalIgnoreCase) ? throw Taken(input.Name) : Task.FromResult<Octokit.Repository?>(null);
    }

    private async Task<Octokit.Repository> GenerateAsync(EnsureInput<RepositorySpec> input)
    {
        var spec = input.Spec!;
        var template = spec.Template.Split('/', 2);
        var wanted = new NewRepositoryFromTemplate(spec.Name)
        {
            Owner = spec.Owner,
            Description = RepositoryMark.Write(spec.Description, input.Owner, input.Operation),
            Private = true,
        };
        try
        {
            return await github.Repository.Generate(template[0], template[1], wanted);
        }
        catch (ApplicationFailureException e) when (e.IsRefusal(422, "already exists"))
        {
            return await FindOwnAsync(input, await FindAsync(input.Name)) ?? throw NotSeen(input.Name);
        }
    }

    private async Task<ActionResult> ChangeAsync(EnsureInput<RepositorySpec> input, Octokit.Repository found)
    {
        var mark = RepositoryMark.Of(found.Description);
        if (mark is not null && mark.Owner != input.Owner.Short || mark is null && input.Mode != EnsureMode.Adopt)
            throw Failures.Of(ErrorTypes.OwnedByOther, System, $"{found.FullName} is not {input.Owner}'s");
        var description = RepositoryMark.WithoutMark(found.Description);
        var writes = FieldWrites.For(input.Mode, input.Changes, field => field == Visibility ? Word(found) : description, System, found.FullName);
        if (writes.Set.TryGetValue(Description, out var wanted))
            description = wanted ?? "";
        var update = new RepositoryUpdate { Description = input.Release ? description : RepositoryMark.Write(description, input.Owner, input.Operation) };
        if (writes.Set.TryGetValue(Visibility, out var visibility) && visibility is not null)
            update.Visibility = Parse(visibility);
        var reference = RepositoryRef.To(found);
        return Made(await github.Repository.Edit(reference.Owner, reference.Name, update), writes.Left);
    }

    private async Task<bool> IsPopulatedAsync(RepositoryRef repository, string branch) =>
        await github.HasBranchAsync(repository, branch) && await github.HasFilesAsync(repository, branch);
}
