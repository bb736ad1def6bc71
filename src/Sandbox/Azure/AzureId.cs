using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Azure;

/// <summary>A resource id taken apart. Ids are compared without regard to case and keep the case they were first written in.</summary>
internal sealed record AzureId(string Subscription, string? Group, string? Provider, IReadOnlyList<(string Type, string Name)> Parts, string Text)
{
    public string Key => Text.ToLowerInvariant();

    public string Name => Parts.Count > 0 ? Parts[^1].Name : Group ?? Subscription;

    /// <summary><c>Microsoft.KeyVault/vaults</c> and the like.</summary>
    public string Type => Parts.Count == 0 ? "Microsoft.Resources/resourceGroups" : $"{Provider}/{string.Join('/', Parts.Select(p => p.Type))}";

    public string GroupKey => $"/subscriptions/{Subscription}/resourcegroups/{Group}".ToLowerInvariant();

    public string? ParentKey => Parts.Count < 2 ? null : Text[..Text.LastIndexOf('/', Text.LastIndexOf('/') - 1)].ToLowerInvariant();

    /// <summary>Takes apart the id of a subscription, a resource group or a resource in one; anything else is null.</summary>
    public static AzureId? Parse(string text)
    {
        var s = Route.Segments(text).Select(Uri.UnescapeDataString).ToArray();
        var id = "/" + string.Join('/', s);
        if (s.Length < 2 || !Is(s[0], "subscriptions"))
        {
            return null;
        }

        if (s.Length == 2)
        {
            return new AzureId(s[1], null, null, [], id);
        }

        if (s.Length < 4 || !Is(s[2], "resourceGroups"))
        {
            return null;
        }

        if (s.Length == 4)
        {
            return new AzureId(s[1], s[3], null, [], id);
        }

        return s.Length >= 8 && s.Length % 2 == 0 && Is(s[4], "providers")
            ? new AzureId(s[1], s[3], s[5], [.. s.Skip(6).Chunk(2).Select(p => (p[0], p[1]))], id)
            : null;
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
