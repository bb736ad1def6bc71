using Google.Protobuf;
using Onramp.EmbeddedServer.Frontend.Namespaces;
using Onramp.EmbeddedServer.History;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>The namespace of a call that answers a task: the one it names, or else the one that the task's token is of.</summary>
internal static class TaskNamespaces
{
    /// <exception cref="RefusalException">INVALID_ARGUMENT, NOT_FOUND or FAILED_PRECONDITION.</exception>
    public static NamespaceEntry ResolveForTask(this NamespaceRegistry namespaces, string name, ByteString token)
    {
        if (name.Length > 0)
        {
            return namespaces.Resolve(name);
        }

        if (token.IsEmpty)
        {
            throw Refusals.InvalidArgument("Task token not set on request.");
        }

        var id = TaskToken.NamespaceIdOf(token) ?? throw Refusals.InvalidArgument("Error deserializing task token.");
        return namespaces.ResolveById(id);
    }
}
