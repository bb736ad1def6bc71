using Onramp.EmbeddedServer.Storage;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.History.Commands;

/// <summary>The namespace that a command names; none is the workflow's own.</summary>
internal sealed class NamespaceLookup(IStore store, HistoryEngineOptions options)
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

    /// <exception cref="CommandFailedException">It is another one than the workflow's, and commands don't reach so far here.</exception>
    public void RequireReach(NamespaceRef own, NamespaceRef target, WorkflowTaskFailedCause cause)
    {
        if (target.Id != own.Id && !options.EnableCrossNamespaceCommands)
        {
            throw new CommandFailedException(cause, "cross namespace commands are not allowed");
        }
    }
}
