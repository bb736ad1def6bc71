using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

/// <summary>Patches let code change under running workflows, step by step.</summary>
public class PatchTests
{
    [Fact]
    public async Task New_run_takes_the_patch_and_records_it()
    {
        var run = await StartedAsync("patched");
        run.Server.Text.ShouldEndWith("""
            4 WorkflowTaskCompleted
            5 MarkerRecorded core_patch
            6 UpsertWorkflowSearchAttributes TemporalChangeVersion
            7 TimerStarted #1 2000 ms
            """);
        run.Server.Events[5].UpsertWorkflowSearchAttributesEventAttributes.SearchAttributes.IndexedFields["TemporalChangeVersion"]
            .Data.ToStringUtf8().ShouldBe("[\"change\"]");
        (await ReplayAsAsync(run, "patched")).ShouldBeNull();
    }

    [Fact]
    public async Task Run_from_before_the_patch_stays_on_the_old_path()
    {
        var run = await StartedAsync("before");
        (await ReplayAsAsync(run, "patched")).ShouldBeNull();
        await ContinueAsync(run, "patched");
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"old\"");
        (await ReplayAsAsync(run, "patched")).ShouldBeNull();
    }

    [Fact]
    public async Task Deprecated_patch_accepts_markers_of_both_kinds()
    {
        var run = await StartedAsync("patched");
        (await ReplayAsAsync(run, "deprecated")).ShouldBeNull();
        run = await StartedAsync("deprecated");
        (await ReplayAsAsync(run, "deprecated")).ShouldBeNull();
        (await ReplayAsAsync(run, "patched")).ShouldBeNull();
    }

    [Fact]
    public async Task Patch_taken_out_of_the_code_needs_deprecated_markers()
    {
        (await ReplayAsAsync(await StartedAsync("deprecated"), "after")).ShouldBeNull();
        (await ReplayAsAsync(await StartedAsync("patched"), "after")).ShouldBeOfType<WorkflowNondeterminismException>();
    }

    [Fact]
    public async Task Patch_is_decided_once_however_often_it_is_asked()
    {
        var run = await StartedAsync("loop");
        run.Server.Events.Count(e => e.MarkerRecordedEventAttributes is not null).ShouldBe(1);
        await ContinueAsync(run, "loop");
        run.Server.Events.Count(e => e.MarkerRecordedEventAttributes is not null).ShouldBe(1);
        (await ReplayAsAsync(run, "loop")).ShouldBeNull();
    }

    [Fact]
    public async Task Patch_reached_only_after_the_replay_is_new()
    {
        var run = await StartedAsync("late");
        run.Evict();
        await ContinueAsync(run, "late");
        run.Server.Text.ShouldContain("MarkerRecorded core_patch");
        run.Server.Text.ShouldEndWith("WorkflowExecutionCompleted \"new\"");
        (await ReplayAsAsync(run, "late")).ShouldBeNull();
    }

    [Fact]
    public async Task Callback_may_hold_a_patch_back()
    {
        var asked = new List<PatchActivationInput>();
        var run = new SimulatedRun(typeof(Patching), ["patched"], settings => settings with
        {
            PatchActivation = input =>
            {
                asked.Add(input);
                return false;
            },
        });
        await run.RunTaskAsync();
        run.Server.Text.ShouldEndWith("TimerStarted #1 1000 ms");
        asked.ShouldHaveSingleItem().PatchId.ShouldBe("change");
        (await ReplayAsAsync(run, "patched")).ShouldBeNull();
    }

    private static async Task<SimulatedRun> StartedAsync(string version)
    {
        var run = new SimulatedRun(typeof(Patching), [version]);
        await run.RunTaskAsync();
        return run;
    }

    private static void SetVersion(SimulatedRun run, string version) =>
        run.Server.Events[0].WorkflowExecutionStartedEventAttributes.Input.Payloads_[0] =
            Temporalio.Converters.DataConverter.Default.PayloadConverter.ToPayload(version);

    private static Task<Exception?> ReplayAsAsync(SimulatedRun run, string version)
    {
        SetVersion(run, version);
        return run.ReplayAsync();
    }

    private static async Task ContinueAsync(SimulatedRun run, string version)
    {
        SetVersion(run, version);
        run.Evict();
        while (!run.Server.Closed)
        {
            run.Server.FireTimer(run.Server.PendingTimers.First());
            await run.RunTaskAsync();
        }
    }

    /// <summary>The same workflow as it was and will be, by its version.</summary>
    [Workflow]
    public class Patching
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string version)
        {
            switch (version)
            {
                case "before":
                    await Workflow.DelayAsync(1000);
                    return "old";
                case "patched":
                    var patched = Workflow.Patched("change");
                    await Workflow.DelayAsync(patched ? 2000 : 1000);
                    return patched ? "new" : "old";
                case "deprecated":
                    Workflow.DeprecatePatch("change");
                    await Workflow.DelayAsync(2000);
                    return "new";
                case "after":
                    await Workflow.DelayAsync(2000);
                    return "new";
                case "late":
                    await Workflow.DelayAsync(1000);
                    return Workflow.Patched("change") ? "new" : "old";
                default:
                    for (var i = 0; i < 3; i++)
                    {
                        Workflow.Patched("change").ShouldBeTrue();
                        await Workflow.DelayAsync(1000);
                    }

                    return "new";
            }
        }
    }
}
