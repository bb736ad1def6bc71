namespace Onramp.Sandbox.Storage;

internal enum ChangeKind
{
    Created,
    Updated,
    Deleted,
}

/// <summary>One document that a call created, updated or deleted.</summary>
internal sealed record Change(string System, string Kind, string Key, ChangeKind What)
{
    public string Verb => What.ToString().ToLowerInvariant();
}
