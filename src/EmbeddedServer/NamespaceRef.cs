namespace Onramp.EmbeddedServer;

/// <summary>The namespace that a request works in.</summary>
public sealed record NamespaceRef(string Id, string Name);
