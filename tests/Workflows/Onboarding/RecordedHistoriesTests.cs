using System.Runtime.CompilerServices;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Onboarding;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Workflows.Tests.Onboarding;

/// <summary>
/// Runs that are under way in the world must go on under new code, so recorded histories are replayed against it. When a change
/// breaks one, the change needs a patch (<c>Workflow.Patched</c>), not a new recording. Recording anew, into a folder of its own beside the
/// others: <c>ONRAMP_RECORD_HISTORIES=FOLDER dotnet test tests/Workflows --filter RecordedHistories</c>.
/// </summary>
public sealed class RecordedHistoriesTests(OnboardingEnvironment environment) : IClassFixture<OnboardingEnvironment>
{
    private const string RecordVariable = "ONRAMP_RECORD_HISTORIES";

    /// <summary>
    /// Recorded with an SDK of our own, against a server that told workers another number for a task's started event than the history had,
    /// when activities ended while the task waited. The worker failed such tasks and got them again: they are part of those runs' past.
    /// </summary>
    private const string FirstRecordings = "own-sdk";

    /// <summary>Recorded by code without the patches, of what patches refuse today: such runs were let through, and are let through to their end.</summary>
    private const string BeforePatches = "before-patches";

    private static readonly string Folder = FindFolder();
    private static readonly string Root = Path.GetFullPath(Path.Combine(Folder, "..", "..", "..")) + Path.DirectorySeparatorChar;

    public static TheoryData<string> Recordings => [.. Recorded()];

    public static TheoryData<string> SoundRecordings => [.. Recorded().Where(name => !name.StartsWith(FirstRecordings, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Recordings))]
    public async Task Replays(string recording)
    {
        var result = await Replayer().ReplayWorkflowAsync(await ReadAsync(recording), throwOnReplayFailure: false);

        result.ReplayFailure.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(SoundRecordings))]
    public async Task No_task_failed_and_every_event_refers_to_what_it_should(string recording) =>
        HistoryRules.Problems((await ReadAsync(recording)).Events).ShouldBeEmpty();

    [Fact]
    public async Task An_event_that_refers_to_another_of_the_wrong_kind_would_be_noticed() =>
        HistoryRules.Problems((await ReadAsync($"{FirstRecordings}/completed")).Events)
            .ShouldContain("61 WorkflowTaskFailed refers to 56, which is ActivityTaskStarted and not WorkflowTaskStarted");

    [Fact]
    public async Task Records_into_a_new_folder_when_asked()
    {
        if (Environment.GetEnvironmentVariable(RecordVariable) is not { Length: > 0 } name)
            return;
        var folder = Path.Combine(Folder, name);
        Directory.Exists(folder).ShouldBeFalse($"{name} is past, and the past isn't recorded anew");
        Directory.CreateDirectory(folder);
        foreach (var (scenario, run) in RecordedScenarios.All)
        {
            var history = await (await run(environment)).FetchHistoryAsync();

            // Where the code lay when it was recorded is nobody's business.
            var json = history.ToJson().Replace(Root, "", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{scenario}.json"), json + "\n");
        }
    }

    [Fact]
    public void Every_folder_holds_every_scenario_of_its_time() =>
        Directory.GetDirectories(Folder).Where(folder => Path.GetFileName(folder) != BeforePatches).ShouldAllBe(folder => RecordedScenarios.All.Keys.Order().SequenceEqual(
            Directory.GetFiles(folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()));

    [Theory]
    [MemberData(nameof(Completed))]
    public async Task A_change_of_the_order_of_steps_is_noticed(string recording)
    {
        var json = await File.ReadAllTextAsync(PathOf(recording));
        var changed = json.Replace($"\"{ActivityNames.CreateKeyVault}\"", $"\"{ActivityNames.GrantTeam}\"", StringComparison.Ordinal);
        changed.ShouldNotBe(json);

        var result = await Replayer().ReplayWorkflowAsync(WorkflowHistory.FromJson("onboarding-changed", changed), throwOnReplayFailure: false);

        result.ReplayFailure.ShouldBeOfType<Temporalio.Exceptions.WorkflowNondeterminismException>();
    }

    public static TheoryData<string> Completed => [.. Recorded().Where(name => name.EndsWith("/completed", StringComparison.Ordinal))];

    private static WorkflowReplayer Replayer() => new(new WorkflowReplayerOptions().AddWorkflow<OnboardServiceWorkflow>());

    /// <summary>All recordings, as <c>FOLDER/SCENARIO</c>.</summary>
    private static IEnumerable<string> Recorded() =>
        Directory.GetFiles(Folder, "*.json", SearchOption.AllDirectories)
            .Select(file => Path.ChangeExtension(Path.GetRelativePath(Folder, file), null).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    private static async Task<WorkflowHistory> ReadAsync(string recording) =>
        WorkflowHistory.FromJson($"onboarding-{recording}", await File.ReadAllTextAsync(PathOf(recording)));

    private static string PathOf(string recording) => Path.Combine(Folder, $"{recording}.json");

    private static string FindFolder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "Histories"));
}
