using System.Text.Json;
using Onramp.Workflows.Services;

namespace Onramp.Workflows.Capabilities;

/// <summary>Something that a capability gives to those that come after it; the type says what, so that nobody reads a string and hopes.</summary>
/// <param name="Name">On the wire, <c>capability.output</c>.</param>
public sealed record Output<T>(string Name)
{
    /// <exception cref="InvalidOperationException">Nobody has given it: the registry's check would have refused such a table.</exception>
    public T Read(IReadOnlyDictionary<string, JsonElement> inputs) =>
        inputs.TryGetValue(Name, out var value) ? Wire.FromJson<T>(value) : throw new InvalidOperationException($"output '{Name}' is missing");

    public KeyValuePair<string, JsonElement> With(T value) => KeyValuePair.Create(Name, Wire.ToJson(value));
}
