using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;
using Onramp.Workflows.Services;

namespace Onramp.Core.Tests.Walk;

/// <summary>Holds what exists, and what the services say exists, against what the lanes predict.</summary>
internal static class WalkAudit
{
    public static async Task<IReadOnlyList<string>> WrongAsync(World world, IReadOnlyList<WalkLane> lanes)
    {
        var wrong = new List<string>();
        var namespaces = (await world.KubernetesAsync("GET", "/api/v1/namespaces"))!["items"]!.AsArray()
            .Where(n => n!["metadata"]!["labels"]?["platform.io/service"] is not null).ToDictionary(n => n!["metadata"]!["name"]!.ToString(), n => n!, StringComparer.Ordinal);
        foreach (var lane in lanes)
        {
            namespaces.Remove(lane.Namespace, out var found);
            // What was interrupted last may be there or not: that is what being interrupted means.
            if (lane.Phase == EnvironmentPhase.Interrupted)
                continue;
            if (found is null != lane.Phase is null)
                wrong.Add($"{lane.Namespace} is {(found is null ? "not there" : "there")}, and must be {(lane.Phase is null ? "gone" : "there")}");
            else if (lane.Value is { } value && found!["metadata"]!["labels"]!["walk"]?.ToString() != value)
                wrong.Add($"{lane.Namespace} has walk={found["metadata"]!["labels"]!["walk"]}, and must have {value}");
            else if (lane.Value is { } data && (await world.KubernetesAsync("GET", $"/api/v1/namespaces/{lane.Namespace}/configmaps/onramp-labels"))?["data"]?["walk"]?.ToString() != data)
                wrong.Add($"{lane.Namespace}'s labels don't say walk={data}");
        }
        wrong.AddRange(namespaces.Keys.Select(n => $"{n} is nobody's"));
        foreach (var service in lanes.GroupBy(l => l.Service, StringComparer.Ordinal))
            wrong.AddRange(await WrongAsync(world, service.Key, [.. service]));
        wrong.AddRange((await CreatedTwiceAsync(world)).Select(thing => $"{thing} was made twice"));
        return wrong;
    }

    private static async Task<IReadOnlyList<string>> WrongAsync(World world, string service, IReadOnlyList<WalkLane> lanes)
    {
        if (lanes.Any(l => l.Phase == EnvironmentPhase.Interrupted))
            return [];
        var wrong = new List<string>();
        var isThere = await world.RepositoryAsync(service) is not null;
        if (isThere != lanes.Any(l => l.Phase is not null))
            wrong.Add($"repository {service} is {(isThere ? "there" : "not there")}, environments {string.Join(", ", lanes.Select(l => $"{l.Environment}: {l.Phase}"))}");
        var state = await world.StateAsync(service);
        string[] expected = [.. (isThere ? ["repository@component"] : Array.Empty<string>()), .. lanes.Where(l => l.Phase is not null).SelectMany(l => new[] { $"labels@environment:{l.Environment}", $"namespace@environment:{l.Environment}" })];
        var known = state.Inventory.Select(i => $"{i.Capability}@{i.Scope}");
        if (!expected.Order(StringComparer.Ordinal).SequenceEqual(known.Order(StringComparer.Ordinal)))
            wrong.Add($"{service} knows of {string.Join(", ", known)} where there is {string.Join(", ", expected)}{await world.ExplainAsync(service)}");
        return wrong;
    }

    /// <summary>Things that came to be more than once without having gone in between.</summary>
    private static async Task<IReadOnlyList<string>> CreatedTwiceAsync(World world)
    {
        var there = new HashSet<string>(StringComparer.Ordinal);
        var twice = new List<string>();
        var ledger = await world.LedgerAsync();
        foreach (var (entry, change) in ledger.SelectMany(e => e!["changes"]!.AsArray().Select(c => (e!, c!))))
        {
            var thing = Thing(change);
            if (change["change"]!.ToString() == "created" && !there.Add(thing))
                twice.Add($"{thing} ({string.Join("; ", ledger.Where(e => e!["changes"]!.AsArray().Any(c => Thing(c!) == thing)).Select(e => Call(e!, thing)))})");
            else if (change["change"]!.ToString() == "deleted" || entry["method"]!.ToString() == "DELETE")
                // What controllers finish to remove is in nobody's call.
                there.Remove(thing);
        }
        return twice;
    }

    private static string Thing(JsonNode change) => $"{change["system"]}/{change["kind"]}/{change["key"]}";

    private static string Call(JsonNode entry, string thing) =>
        $"{entry["sequence"]} {entry["method"]} {entry["path"]} {entry["changes"]!.AsArray().First(c => Thing(c!) == thing)!["change"]} by {entry["keys"]?["x-correlation-id"]}";
}
