using Onramp.EmbeddedServer.Transport;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>Kinds of refusals are our own; what they are to callers is said once.</summary>
public sealed class RefusalTableTests
{
    [Fact]
    public void Every_kind_has_one_row() => RefusalTable.Rows.Select(row => row.Kind).ShouldBe(Enum.GetValues<RefusalKind>());

    /// <summary>Failures inside of answers are named by these numbers, whatever the transport.</summary>
    [Fact]
    public void A_kind_has_the_number_of_its_status() =>
        RefusalTable.Rows.ShouldAllBe(row => (int)row.Kind == (int)row.Grpc && (int)row.Kind == (int)Enum.Parse<Google.Rpc.Code>(row.Kind.ToString(), ignoreCase: true));
}
