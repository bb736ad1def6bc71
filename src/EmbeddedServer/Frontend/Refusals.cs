using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Frontend;

/// <summary>The failures that requests are refused with.</summary>
internal static class Refusals
{
    public static RefusalException InvalidArgument(string message) => new(RefusalKind.InvalidArgument, message);

    public static RefusalException NotFound(string message) => new(RefusalKind.NotFound, message, new NotFoundFailure());

    public static RefusalException FailedPrecondition(string message) => new(RefusalKind.FailedPrecondition, message);

    public static RefusalException ResourceExhausted(string message) => new(RefusalKind.ResourceExhausted, message);

    public static RefusalException Unimplemented(string message) => new(RefusalKind.Unimplemented, message);

    public static RefusalException PermissionDenied(string message) => new(RefusalKind.PermissionDenied, message, new PermissionDeniedFailure());

    public static RefusalException NamespaceNotFound(string nameOrId) =>
        new(RefusalKind.NotFound, $"Namespace {nameOrId} is not found.", new NamespaceNotFoundFailure { Namespace = nameOrId });

    public static RefusalException NamespaceExists(string name) =>
        new(RefusalKind.AlreadyExists, $"Namespace \"{name}\" already exists", new NamespaceAlreadyExistsFailure());
}
