using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox;

/// <summary>What a stand-in is built from.</summary>
internal sealed class SandboxContext(SandboxOptions options, DocumentStore store)
{
    public SandboxOptions Options { get; } = options;

    public SandboxSeed Seed => Options.Seed;

    public SandboxCredentials Credentials => Options.Credentials;

    public DocumentStore Store { get; } = store;

    /// <summary>Brings due transitions about; the caller holds the store's gate and has no transaction open.</summary>
    public Action Settle { get; set; } = () => { };
}
