using Onramp.Cli.Connections;
using Temporalio.Exceptions;

namespace Onramp.Cli.Tests.Connections;

/// <summary>What the SDK's core says when it can't connect, in its own words, and what we make of it.</summary>
public sealed class ConnectFailureTests
{
    private const string Refused = """Connection failed: `get_system_info` call error after connection: Status { code: {0}, message: "{1}", details: b"\x08\x07", metadata: MetadataMap { headers: {} }, source: None }""";

    [Theory]
    [InlineData("PermissionDenied", "Request unauthorized.", true)]
    [InlineData("Unauthenticated", "no key", true)]
    [InlineData("Unavailable", "upstream connect error", false)]
    [InlineData("ResourceExhausted", "namespace rate limit exceeded", false)]
    public void A_status_is_read_with_its_code_and_message(string code, string message, bool isRefusal) =>
        Of(Refused.Replace("{0}", code, StringComparison.Ordinal).Replace("{1}", message, StringComparison.Ordinal)).ShouldBe(new ConnectFailure(isRefusal, message));

    [Theory]
    [InlineData("""Connection failed: Server connection error: tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:1, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))""", "Connection refused")]
    [InlineData("""Connection failed: Server connection error: tonic::transport::Error(Transport, ConnectError(ConnectError("dns error", Custom { kind: Uncategorized, error: "failed to lookup address information: Name or service not known" })))""", "failed to lookup address information: Name or service not known")]
    public void A_transport_that_fails_is_absence_in_its_own_words(string text, string reason) => Of(text).ShouldBe(new ConnectFailure(IsRefusal: false, reason));

    [Theory]
    [InlineData("ConnectError(Custom { kind: InvalidData, error: InvalidMessage(InvalidContentType) })", "does not speak TLS")]
    [InlineData("ConnectError(Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) })", "certificate is not one we trust")]
    public void Tls_that_does_not_fit_is_a_refusal(string text, string reason)
    {
        var failure = Of(text);
        (failure.IsRefusal, failure.Reason.Contains(reason, StringComparison.Ordinal)).ShouldBe((true, true), failure.Reason);
    }

    [Fact]
    public void What_does_not_come_from_connecting_is_left_alone() => ConnectFailure.Of(new ArgumentException("no such thing")).ShouldBeNull();

    [Fact]
    public void A_failed_call_is_read_like_a_failed_connection() =>
        ConnectFailure.Of(new RpcException(RpcException.StatusCode.Unauthenticated, "expired", null)).ShouldBe(new ConnectFailure(IsRefusal: true, "expired"));

    private static ConnectFailure Of(string text) => ConnectFailure.Of(new InvalidOperationException(text)).ShouldNotBeNull();
}
