using System.Runtime.CompilerServices;
using System.Text.Json;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace Onramp.Core.Tests;

/// <summary>
/// Services live for years, so what they did under old code is replayed on new code, and what they carried is read. When a change breaks one, the
/// change needs a patch or a reader, not a new recording. Recording anew, into a folder beside the others:
/// <c>ONRAMP_RECORD_HISTORIES=FOLDER dotnet test tests/Core --filter Recorded</c>.
/// </summary>
public sealed class RecordedTests
{
    private const string RecordVariable = "ONRAMP_RECORD_HISTORIES";

    private static readonly string Histories = FolderOf("Histories");
    private static readonly string States = FolderOf("States");

    public static TheoryData<string> Recordings => [.. Files(Histories)];

    public static TheoryData<string> Carried => [.. Files(States)];

    [Theory]
    [MemberData(nameof(Recordings))]
    public async Task Replays(string recording)
    {
        var options = new WorkflowReplayerOptions { DataConverter = Wire.Converter };
        options.AddWorkflow<ServiceWorkflow>().AddWorkflow<ChangeWorkflow>().AddWorkflow<RequestWorkflow>();
        var history = WorkflowHistory.FromJson(Path.GetFileName(recording), await File.ReadAllTextAsync(Path.Combine(Histories, $"{recording}.json")));

        var result = await new WorkflowReplayer(options).ReplayWorkflowAsync(history, throwOnReplayFailure: false);

        result.ReplayFailure.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Carried))]
    public async Task A_carried_state_reads_as_it_was_written(string state)
    {
        var written = await File.ReadAllTextAsync(Path.Combine(States, $"{state}.json"));

        var read = JsonSerializer.Deserialize<CarriedState>(written, Wire.Json)!;

        JsonElement.DeepEquals(JsonSerializer.SerializeToElement(read, Wire.Json), JsonDocument.Parse(written).RootElement).ShouldBeTrue();
    }

    [Fact]
    public async Task Records_into_a_new_folder_when_asked()
    {
        if (Environment.GetEnvironmentVariable(RecordVariable) is not { Length: > 0 } name)
            return;
        await using var world = await World.StartAsync(("Onramp:Services:Grace", "00:00:02"));
        var changes = new List<(string Name, string Id)>();
        async Task DoAsync(string scenario, ChangeOrder order, bool approve = false)
        {
            var asked = await world.AskAsync("orders", order, key: scenario);
            if (approve)
                await world.ApproveAsync("orders", asked.ChangeId);
            await world.EndedAsync("orders", asked.ChangeId);
            await world.StateUntilAsync("orders", s => s.Open.All(o => o.Change.ChangeId != asked.ChangeId));
            changes.Add((scenario, asked.ChangeId));
        }
        var onboard = new ChangeOrder { Kind = ChangeKind.Onboard, Environment = "staging", Team = "payments", Description = "Takes orders" };
        await DoAsync("onboard", onboard, approve: true);
        await DoAsync("configure", new ChangeOrder { Kind = ChangeKind.Configure, Environment = "staging", Labels = new(StringComparer.Ordinal) { ["tier"] = "gold" } }, approve: true);
        await DoAsync("repair", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "staging" });
        await SaveAsync(States, name, "active", JsonSerializer.Serialize(await world.StateAsync("orders"), Wire.Json));
        await DoAsync("quiet", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "staging" });
        await SaveAsync(States, name, "retiring", JsonSerializer.Serialize(await world.StateAsync("orders"), Wire.Json));
        await DoAsync("restore", new ChangeOrder { Kind = ChangeKind.Restore, Environment = "staging" });
        await DoAsync("quiet-again", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "staging" });
        var gone = await world.StateUntilAsync("orders", s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0);
        changes.Add(("remove", gone.Ended[^1].Change.ChangeId));
        await SaveAsync(States, name, "gone", JsonSerializer.Serialize(gone, Wire.Json));
        foreach (var (scenario, id) in changes)
            await SaveAsync(Histories, name, scenario, (await world.Change("orders", id).FetchHistoryAsync()).ToJson());
        await SaveAsync(Histories, name, "service", (await world.Service("orders").FetchHistoryAsync()).ToJson());
        await SaveAsync(Histories, name, "request", (await world.Client.GetWorkflowHandle(Ids.Request("ada", "onboard")).FetchHistoryAsync()).ToJson());
    }

    private static Task SaveAsync(string root, string folder, string name, string json)
    {
        Directory.CreateDirectory(Path.Combine(root, folder));
        // Where the code lay when it was recorded is nobody's business.
        var repository = Path.GetFullPath(Path.Combine(root, "..", "..", "..")) + Path.DirectorySeparatorChar;
        return File.WriteAllTextAsync(Path.Combine(root, folder, $"{name}.json"), json.Replace(repository, "", StringComparison.Ordinal) + "\n");
    }

    private static IEnumerable<string> Files(string root) => Directory.GetFiles(root, "*.json", SearchOption.AllDirectories)
        .Select(file => Path.ChangeExtension(Path.GetRelativePath(root, file), null).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    private static string FolderOf(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
