using System.Diagnostics;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Services;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.Core.Tests.Walk;

/// <summary>
/// Services with two environments each, changed at random while things go wrong at random. At the end everything must be as the outcomes of the changes
/// say: nothing orphaned, nothing doubled.
/// </summary>
internal static class ServiceWalk
{
    /// <summary>Settings of a world in which a walk gets far.</summary>
    public static readonly (string Key, string Value)[] Settings = [("Onramp:Services:Grace", "00:00:03")];

    public static async Task<WalkResult> RunAsync(World world, WalkOptions options)
    {
        await using var api = await Api.StartAsync(world);
        var lanes = Enumerable.Range(1, options.Services)
            .SelectMany(n => new[] { "development", "staging" }.Select((e, i) => new WalkLane(world, api, options, $"walk-{n}", e, new Random(unchecked((options.Seed * 397) ^ (n * 2) ^ i)))))
            .ToList();
        var faults = new WalkFaults(world, options, new Random(options.Seed));
        using var stop = new CancellationTokenSource();
        using var settled = new CancellationTokenSource();
        var failing = faults.RunAsync(stop.Token);
        var deciding = new WalkDecider(world, options.Seed).RunAsync(settled.Token);
        var keeping = KeepAsync(world, settled.Token);
        var began = Stopwatch.GetTimestamp();
        TimeSpan Elapsed() => Stopwatch.GetElapsedTime(began);
        var walking = lanes.Select(l => l.WalkAsync(() => Elapsed() < options.Duration)).ToList();
        await Task.WhenAny(Task.WhenAll(walking), Task.Delay(options.Duration, CancellationToken.None));
        var elapsed = Elapsed();
        var ended = lanes.Sum(l => l.Ended.Count);
        await stop.CancelAsync();
        await failing;
        await world.ClearFaultsAsync();
        await Task.WhenAll(walking);
        var wrong = lanes.SelectMany(l => l.Wrong).ToList();
        if (wrong.Count == 0)
            wrong.AddRange(await RestAsync(world, options, lanes));
        await settled.CancelAsync();
        await Task.WhenAll(deciding, keeping);
        if (wrong.Count == 0)
            wrong.AddRange(await WalkAudit.WrongAsync(world, lanes));
        // What ended after time was up took part in its wake: it is audited, and not counted.
        var outcomes = lanes.SelectMany(l => l.Ended).Take(ended).GroupBy(e => e.Outcome, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return await MeasuredAsync(world, lanes, new WalkResult(outcomes, elapsed, [.. lanes.SelectMany(l => l.Answers)], faults.Count, wrong));
    }

    /// <summary>A worker starts services again that were stopped; mostly somebody who has something to say to them has done so before.</summary>
    private static async Task KeepAsync(World world, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await world.KeepServicesAsync(stop);
                await Task.Delay(TimeSpan.FromSeconds(1), stop);
            }
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or Temporalio.Exceptions.RpcException)
        {
            // As asked.
        }
    }

    /// <summary>Everything ends when nothing goes wrong any more.</summary>
    private static async Task<IReadOnlyList<string>> RestAsync(World world, WalkOptions options, IReadOnlyList<WalkLane> lanes)
    {
        var wrong = new List<string>();
        foreach (var service in lanes.GroupBy(l => l.Service, StringComparer.Ordinal))
        {
            try
            {
                await world.KeptStateUntilAsync(
                    service.Key,
                    s => s.Open.Count == 0 && (s.Environments.Count > 0 || s.Inventory.Count == 0) && s.Environments.Values.All(e => e.Phase is EnvironmentPhase.Active or EnvironmentPhase.Interrupted),
                    s => $"{service.Key} is {Explanation.Service(s)}",
                    options.Patience);
            }
            catch (ShouldAssertException e)
            {
                wrong.Add($"{e.Message}\n{await world.ExplainAsync(service.Key)}");
            }
        }
        return wrong;
    }

    private static async Task<WalkResult> MeasuredAsync(World world, IReadOnlyList<WalkLane> lanes, WalkResult result)
    {
        const int Sample = 400;
        var changes = lanes.SelectMany(l => l.Ended.Select(e => Ids.Change(l.Service, e.ChangeId))).Take(Sample).ToList();
        var (events, bytes) = await SizesAsync(world, changes.Select(c => (c, (string?)null)));
        var services = new List<(string, string?)>();
        await foreach (var run in world.Client.ListWorkflowsAsync($"WorkflowType = '{ServiceContract.WorkflowType}'"))
            services.Add((run.Id, run.RunId));
        var (serviceEvents, serviceBytes) = await SizesAsync(world, services);
        // Also the service's own changes: removals and what cleans up.
        var all = 0L;
        await foreach (var _ in world.Client.ListWorkflowsAsync($"WorkflowType = '{Onramp.Workflows.Changes.ChangeContract.WorkflowType}'"))
            all++;
        return result with
        {
            EventsPerChange = (double)events / Math.Max(1, changes.Count),
            BytesPerChange = (double)bytes / Math.Max(1, changes.Count),
            ServiceEventsPerChange = (double)serviceEvents / Math.Max(1, all),
            ServiceBytesPerChange = (double)serviceBytes / Math.Max(1, all),
        };
    }

    private static async Task<(long Events, long Bytes)> SizesAsync(World world, IEnumerable<(string Id, string? RunId)> runs)
    {
        var (events, bytes) = (0L, 0L);
        foreach (var (id, runId) in runs)
        {
            var info = (await world.Client.WorkflowService.DescribeWorkflowExecutionAsync(new DescribeWorkflowExecutionRequest
            {
                Namespace = world.Client.Options.Namespace,
                Execution = new WorkflowExecution { WorkflowId = id, RunId = runId ?? "" },
            })).WorkflowExecutionInfo;
            events += info.HistoryLength;
            bytes += info.HistorySizeBytes;
        }
        return (events, bytes);
    }
}
