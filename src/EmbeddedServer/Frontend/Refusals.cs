using Grpc.Core;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.EmbeddedServer.Frontend;

/// <summary>The failures that requests are refused with.</summary>
internal static class Refusals
{
    public static RefusalException InvalidArgument(string message) => new(StatusCode.InvalidArgument, message);

    public static RefusalException NotFound(string message) => new(StatusCode.NotFound, message, new NotFoundFailure());

    public static RefusalException FailedPrecondition(string message) => new(StatusCode.FailedPrecondition, message);

    public static RefusalException Unimplemented(string message) => new(StatusCode.Unimplemented, message);

    public static RefusalException PermissionDenied(string message) => new(StatusCode.PermissionDenied, message, new PermissionDeniedFailure());

    public static RefusalException NamespaceNotFound(string nameOrId) =>
        new(StatusCode.NotFound, $"Namespace {nameOrId} is not found.", new NamespaceNotFoundFailure { Namespace = nameOrId });

    public static RefusalException NamespaceExists(string name) =>
        new(StatusCode.AlreadyExists, $"Namespace \"{name}\" already exists", new NamespaceAlreadyExistsFailure());
}
