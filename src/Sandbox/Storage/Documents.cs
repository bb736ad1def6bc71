using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Onramp.Sandbox.Storage;

/// <summary>One system's documents within one transaction, with the time of the call and the ids it may draw.</summary>
internal sealed class Documents(DocumentStore store, string system, DateTimeOffset now, ReadLag? lag = null, bool stale = false)
{
    /// <summary>When the call came in.</summary>
    public DateTimeOffset Now { get; } = now;

    public string System { get; } = system;

    public JsonObject? Get(string kind, string key) =>
        stale && lag?.Earlier(store, System, kind, key, Now) is { } earlier ? earlier.Body : store.Get(System, kind, key);

    public bool Has(string kind, string key) => Get(kind, key) is not null;

    public void Put(string kind, string key, JsonObject body)
    {
        lag?.Keep(store, System, kind, key, Now);
        store.Put(System, kind, key, body);
    }

    public bool Delete(string kind, string key)
    {
        lag?.Keep(store, System, kind, key, Now);
        return store.Delete(System, kind, key);
    }

    public List<(string Key, JsonObject Body)> List(string kind, string prefix = "")
    {
        var items = store.List(System, kind, prefix);
        return stale && lag is not null ? lag.Overlay(store, System, kind, prefix, Now, items) : items;
    }

    public void DeleteAll(string kind, string prefix)
    {
        foreach (var (key, _) in store.List(System, kind, prefix))
        {
            Delete(kind, key);
        }
    }

    /// <summary>The next number of one of this system's counters.</summary>
    public long Next(string counter) => store.Next($"{System}/{counter}");

    public long Current(string counter) => store.Current($"{System}/{counter}");

    /// <summary>Bytes that no one has had before: a hash of a counter, so that the same calls get the same ids.</summary>
    public byte[] NextBytes() => SHA256.HashData(Encoding.UTF8.GetBytes($"onramp-sandbox/{System}/{Next("id")}"));

    public Guid NextGuid()
    {
        var bytes = NextBytes().AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The same store seen as another system: Flux looks into GitHub, the catalog reads files there.</summary>
    public Documents As(string other) => new(store, other, Now);

    /// <summary>Has <see cref="SandboxSystem.OnDue"/> called with this action and key once the delay is over.</summary>
    public void Schedule(string action, string key, TimeSpan delay) => Schedule(action, key, Now + delay);

    public void Schedule(string action, string key, DateTimeOffset due) =>
        store.Put(
            DocumentStore.Own,
            "scheduled",
            $"{due.UtcTicks:D19}/{store.Next("scheduled"):D9}",
            new JsonObject { ["system"] = System, ["action"] = action, ["key"] = key });
}
