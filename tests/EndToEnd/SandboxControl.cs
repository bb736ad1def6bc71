using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Onramp.EndToEnd.Tests;

/// <summary>A call that the sandbox noted, as far as tests look at it.</summary>
internal sealed record LedgerEntry(
    long Sequence, string System, string Method, string Path, bool Applied, string CorrelationId, IReadOnlyList<(string Thing, string Change)> Changes);

/// <summary>The sandbox's own side: what exists, who did what, and what shall go wrong.</summary>
internal sealed class SandboxControl(Uri control) : IDisposable
{
    /// <summary>Systems that only keep what people were told; nothing there is ever undone.</summary>
    private static readonly string[] Told = ["chat", "mail", "pagerduty"];

    private readonly HttpClient http = new() { BaseAddress = control };

    public void Dispose() => http.Dispose();

    /// <summary>Everything that exists, as text that is equal when it is.</summary>
    public async Task<string> StateAsync()
    {
        var exists = await ExistsAsync();
        foreach (var system in Told)
            exists.Remove(system);
        return exists.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>How many things of each kind exist.</summary>
    public async Task<SortedDictionary<string, int>> CountsAsync()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (system, kinds) in await ExistsAsync())
        {
            foreach (var (kind, things) in kinds!.AsObject())
                counts[$"{system}/{kind}"] = things!.AsObject().Count;
        }
        return counts;
    }

    public async Task<IReadOnlyList<LedgerEntry>> LedgerAsync(long after = 0)
    {
        var entries = await http.GetFromJsonAsync<JsonArray>($"ledger?after={after}");
        return entries!.Select(e => Read(e!.AsObject())).ToList();
    }

    public async Task FaultAsync(object fault)
    {
        using var response = await http.PostAsJsonAsync("faults", fault);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    /// <summary>How often faults were met since they were last cleared.</summary>
    public async Task<int> FaultsMetAsync()
    {
        var faults = await http.GetFromJsonAsync<JsonArray>("faults");
        return faults!.Sum(f => f!["used"]!.GetValue<int>());
    }

    public async Task ClearFaultsAsync()
    {
        using var response = await http.DeleteAsync("faults");
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Back to what is seeded.</summary>
    public async Task ResetAsync()
    {
        using var response = await http.PostAsync("reset", content: null);
        response.EnsureSuccessStatusCode();
        await ClearFaultsAsync();
    }

    private async Task<JsonObject> ExistsAsync()
    {
        var state = await http.GetFromJsonAsync<JsonObject>("state");
        return state!["exists"]!.AsObject();
    }

    private static LedgerEntry Read(JsonObject entry) => new(
        entry["sequence"]!.GetValue<long>(),
        entry["system"]!.GetValue<string>(),
        entry["method"]!.GetValue<string>(),
        entry["path"]!.GetValue<string>(),
        entry["applied"]!.GetValue<bool>(),
        entry["keys"]?["x-correlation-id"]?.GetValue<string>() ?? "",
        [.. entry["changes"]!.AsArray().Select(c => (
            $"{c!["system"]!.GetValue<string>()}/{c["kind"]!.GetValue<string>()}/{c["key"]!.GetValue<string>()}", c["change"]!.GetValue<string>()))]);
}
