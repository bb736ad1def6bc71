using Onramp.Grpc;
using Temporalio.Api.ErrorDetails.V1;

namespace Onramp.Temporal.Server.Frontend;

/// <summary>The failures that requests are refused with.</summary>
internal static class Refusals
{
    public static GrpcException InvalidArgument(string message) => new(GrpcStatusCode.InvalidArgument, message);

    public static GrpcException NotFound(string message) => new(GrpcStatusCode.NotFound, message, new NotFoundFailure());

    public static GrpcException FailedPrecondition(string message) => new(GrpcStatusCode.FailedPrecondition, message);

    public static GrpcException Unimplemented(string message) => new(GrpcStatusCode.Unimplemented, message);

    public static GrpcException PermissionDenied(string message) => new(GrpcStatusCode.PermissionDenied, message, new PermissionDeniedFailure());

    public static GrpcException NamespaceNotFound(string nameOrId) =>
        new(GrpcStatusCode.NotFound, $"Namespace {nameOrId} is not found.", new NamespaceNotFoundFailure { Namespace = nameOrId });

    public static GrpcException NamespaceExists(string name) =>
        new(GrpcStatusCode.AlreadyExists, $"Namespace \"{name}\" already exists", new NamespaceAlreadyExistsFailure());
}
