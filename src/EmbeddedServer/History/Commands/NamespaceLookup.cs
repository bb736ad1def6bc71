using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>The namespace that a command names; none is the workflow's own.</summary>
internal sealed class NamespaceLookup(IStore store)
{
    /// <exception cref="RefusalException">NOT_FOUND: there is no such namespace.</exception>
    public NamespaceRef Resolve(NamespaceRef own, string name)
    {
        if (name.Length == 0 || name == own.Name)
        {
            return own;
        }

        return store.ReadNamespaces().FirstOrDefault(row => row.Name == name) is { } found
            ? new NamespaceRef(found.Id, found.Name)
            : throw new RefusalException(RefusalKind.NotFound, $"Namespace {name} is not found.", new NamespaceNotFoundFailure { Namespace = name });
    }
}
