using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
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
        options.AddWorkflow<ServiceWorkflow>().AddWorkflow<ChangeWorkflow>().AddWorkflow<RequestWorkflow>().AddWorkflow<PlanWorkflow>().AddWorkflow<HoldWorkflow>();
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
        await RecordLifeAsync(world, name);
        await RecordEndsAsync(world, name);
        await RecordInterruptedAsync(world, name);
        await RecordHoldAsync(world, name);
    }

    /// <summary>One change of each kind, each completed, and the service from its beginning to its end.</summary>
    private static async Task RecordLifeAsync(World world, string folder)
    {
        const string Service = "orders";
        Task<string> DoneAsync(string scenario, ChangeOrder order, bool approve = false) => RecordedAsync(world, folder, Service, scenario, order, approve ? ApprovalVerdict.Approve : null);
        await DoneAsync("onboard", Onboard("staging"), approve: true);
        await DoneAsync("configure", new ChangeOrder { Kind = ChangeKind.Configure, Environment = "staging", Labels = new(StringComparer.Ordinal) { ["tier"] = "gold" } }, approve: true);
        await DoneAsync("repair", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "staging" });
        await SaveStateAsync(world, folder, Service, "active");
        await DoneAsync("quiet", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "staging" });
        await SaveStateAsync(world, folder, Service, "retiring");
        await DoneAsync("restore", new ChangeOrder { Kind = ChangeKind.Restore, Environment = "staging" });
        await DoneAsync("quiet-again", new ChangeOrder { Kind = ChangeKind.Quiet, Environment = "staging" });
        var gone = await world.StateUntilAsync(Service, s => ServiceStatus.Of(s) == ServiceStatus.Gone && s.Open.Count == 0 && s.Inventory.Count == 0);
        foreach (var own in gone.Ended.Where(e => e.Change.Order.Kind is ChangeKind.Remove or ChangeKind.Clean))
            await SaveHistoryAsync(world, folder, own.Change.Order.Kind.ToString().ToLowerInvariant(), Ids.Change(Service, own.Change.ChangeId));
        await SaveStateAsync(world, folder, Service, "gone");
        await SaveHistoryAsync(world, folder, "service", Ids.Service(Service));
        await SaveHistoryAsync(world, folder, "request", Ids.Request("ada", $"{Service}-onboard"));
    }

    /// <summary>The other ways in which a change ends.</summary>
    private static async Task RecordEndsAsync(World world, string folder)
    {
        await RecordedAsync(world, folder, "rejected", "rejected", Onboard("staging"), ApprovalVerdict.Reject);
        await world.GitHubAsync("POST", $"/orgs/{world.Sandbox.Options.Seed.Organization}/repos", new JsonObject { ["name"] = "taken", ["private"] = true });
        await RecordedAsync(world, folder, "taken", "refused", Onboard("development"));
        await RecordedAsync(world, folder, "taken", "adopted", Onboard("development") with { AdoptRepository = true }, ApprovalVerdict.Approve);
        await SaveStateAsync(world, folder, "taken", "adopted");
        await world.AddFaultAsync(new JsonObject
        {
            ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 403, ["times"] = 1,
            ["body"] = new JsonObject { ["kind"] = "Status", ["message"] = "admission webhook \"policy\" denied the request: no", ["code"] = 403 },
        });
        await RecordedAsync(world, folder, "undone", "undone", Onboard("development"));
        await SaveHistoryAsync(world, folder, "service-undone", Ids.Service("undone"));
        var cancelled = await world.AskAsync("cancelled", Onboard("staging"));
        await world.UntilAsync("cancelled", cancelled.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
        await world.CancelAsync("cancelled", cancelled.ChangeId);
        await world.EndedAsync("cancelled", cancelled.ChangeId);
        await SaveClosedAsync(world, folder, "cancelled", "cancelled", cancelled.ChangeId);
    }

    /// <summary>A change that undoes what it did because somebody called it off, and one that was stopped while it applied.</summary>
    private static async Task RecordInterruptedAsync(World world, string folder)
    {
        foreach (var service in (string[])["calledoff", "stopped"])
        {
            await world.AddFaultAsync(new JsonObject { ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 503, ["times"] = 10_000 });
            var asked = await world.AskAsync(service, Onboard("development"));
            await world.UntilAsync(service, asked.ChangeId, v => v.Actions.Any(a => a.Id.StartsWith("namespace", StringComparison.Ordinal) && a.State == ActionState.Running));
            if (service == "stopped")
                await world.Change(service, asked.ChangeId).TerminateAsync("by an operator");
            else
                await world.CancelAsync(service, asked.ChangeId);
            await world.StateUntilAsync(service, s => s.Open.All(o => o.Change.ChangeId != asked.ChangeId));
            await world.ClearFaultsAsync();
            if (service == "calledoff")
                await SaveClosedAsync(world, folder, service, "called-off", asked.ChangeId);
        }
        await SaveStateAsync(world, folder, "stopped", "interrupted");
        await RecordedAsync(world, folder, "stopped", "repaired", new ChangeOrder { Kind = ChangeKind.Repair, Environment = "development" });
        await SaveHistoryAsync(world, folder, "service-interrupted", Ids.Service("stopped"));
    }

    private static async Task RecordHoldAsync(World world, string folder)
    {
        await using var api = await Api.StartAsync(world);
        JsonObject Word(string verb) => new() { ["verb"] = verb, ["reason"] = "GitHub is down", ["by"] = "oscar" };
        await api.SendAsync(HttpMethod.Post, Api.Applying, Word("hold"), null, System.Net.HttpStatusCode.OK);
        var asked = await world.AskAsync("held", Onboard("development"));
        await world.UntilAsync("held", asked.ChangeId, v => v.Held is not null);
        await api.SendAsync(HttpMethod.Post, Api.Applying, Word("release"), null, System.Net.HttpStatusCode.OK);
        await world.EndedAsync("held", asked.ChangeId);
        await SaveClosedAsync(world, folder, "held", "held", asked.ChangeId);
        var hold = world.Client.GetWorkflowHandle(HoldContract.WorkflowId);
        await hold.GetResultAsync().WaitAsync(World.Patience);
        await SaveHistoryAsync(world, folder, "hold", HoldContract.WorkflowId);
    }

    private static ChangeOrder Onboard(string environment) =>
        new() { Kind = ChangeKind.Onboard, Environment = environment, Team = "payments", Description = "Takes orders" };

    private static async Task<string> RecordedAsync(World world, string folder, string service, string scenario, ChangeOrder order, ApprovalVerdict? verdict = null)
    {
        var asked = await world.AskAsync(service, order, key: $"{service}-{scenario}");
        if (verdict is { } word)
        {
            var view = await world.UntilAsync(service, asked.ChangeId, v => v.Phase == ChangePhase.AwaitingApproval);
            await world.DecideAsync(service, asked.ChangeId, view.Plan!.Digest, word);
        }
        await world.EndedAsync(service, asked.ChangeId);
        await world.StateUntilAsync(service, s => s.Open.All(o => o.Change.ChangeId != asked.ChangeId));
        await SaveClosedAsync(world, folder, service, scenario, asked.ChangeId);
        return asked.ChangeId;
    }

    private static async Task SaveClosedAsync(World world, string folder, string service, string scenario, string changeId)
    {
        await Eventually.AsAsync(async () => (await world.Change(service, changeId).DescribeAsync()).Status, s => s != Temporalio.Api.Enums.V1.WorkflowExecutionStatus.Running, s => $"{s}");
        await SaveHistoryAsync(world, folder, scenario, Ids.Change(service, changeId));
    }

    private static async Task SaveHistoryAsync(World world, string folder, string name, string workflowId) =>
        await SaveAsync(Histories, folder, name, (await world.Client.GetWorkflowHandle(workflowId).FetchHistoryAsync()).ToJson());

    private static async Task SaveStateAsync(World world, string folder, string service, string name) =>
        await SaveAsync(States, folder, name, JsonSerializer.Serialize(await world.StateAsync(service), Wire.Json));

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
