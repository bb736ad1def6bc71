using System.Collections.Frozen;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport;

/// <summary>What a kind of refusal is on each transport.</summary>
internal sealed record RefusalRow(RefusalKind Kind, StatusCode Grpc, int Http);

/// <summary>Every kind of refusal, as callers meet it.</summary>
internal static class RefusalTable
{
    /// <summary>What nginx has for a caller who has gone; there is no standard one.</summary>
    private const int ClientClosedRequest = 499;

    public static IReadOnlyList<RefusalRow> Rows { get; } =
    [
        new(RefusalKind.Cancelled, StatusCode.Cancelled, ClientClosedRequest),
        new(RefusalKind.Unknown, StatusCode.Unknown, StatusCodes.Status500InternalServerError),
        new(RefusalKind.InvalidArgument, StatusCode.InvalidArgument, StatusCodes.Status400BadRequest),
        new(RefusalKind.DeadlineExceeded, StatusCode.DeadlineExceeded, StatusCodes.Status504GatewayTimeout),
        new(RefusalKind.NotFound, StatusCode.NotFound, StatusCodes.Status404NotFound),
        new(RefusalKind.AlreadyExists, StatusCode.AlreadyExists, StatusCodes.Status409Conflict),
        new(RefusalKind.PermissionDenied, StatusCode.PermissionDenied, StatusCodes.Status403Forbidden),
        new(RefusalKind.ResourceExhausted, StatusCode.ResourceExhausted, StatusCodes.Status429TooManyRequests),
        new(RefusalKind.FailedPrecondition, StatusCode.FailedPrecondition, StatusCodes.Status400BadRequest),
        new(RefusalKind.Aborted, StatusCode.Aborted, StatusCodes.Status409Conflict),
        new(RefusalKind.Unimplemented, StatusCode.Unimplemented, StatusCodes.Status501NotImplemented),
        new(RefusalKind.Internal, StatusCode.Internal, StatusCodes.Status500InternalServerError),
        new(RefusalKind.Unavailable, StatusCode.Unavailable, StatusCodes.Status503ServiceUnavailable),
        new(RefusalKind.Unauthenticated, StatusCode.Unauthenticated, StatusCodes.Status401Unauthorized),
    ];

    private static readonly FrozenDictionary<RefusalKind, RefusalRow> ByKind = Rows.ToFrozenDictionary(row => row.Kind);

    public static RefusalRow RowOf(RefusalException refusal) => ByKind[refusal.Kind];
}
