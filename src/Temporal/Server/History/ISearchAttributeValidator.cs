using Temporalio.Api.Common.V1;

namespace Onramp.Temporal.Server.History;

/// <summary>Whether search attributes are known, of the right type and within their limits.</summary>
internal interface ISearchAttributeValidator
{
    /// <summary>The attributes with each payload's <c>type</c> set.</summary>
    /// <exception cref="Onramp.Grpc.GrpcException">INVALID_ARGUMENT, naming the attribute.</exception>
    SearchAttributes Validate(NamespaceRef ns, SearchAttributes attributes);
}
