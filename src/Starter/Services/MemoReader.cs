using Temporalio.Converters;

namespace Onramp.Starter.Services;

internal static class MemoReader
{
    /// <summary>A memo field that holds text; empty when it is not there.</summary>
    public static async Task<string> TextAsync(IReadOnlyDictionary<string, IEncodedRawValue> memo, string field) =>
        memo.TryGetValue(field, out var value) ? await value.ToValueAsync<string>() ?? "" : "";
}
