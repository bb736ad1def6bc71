using System.IO.Compression;
using Google.Protobuf;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Tests.Transport;

/// <summary>Bytes that official clients send, and bytes that none should.</summary>
public sealed class RawRequestTests
{
    private const string Internal = "13";
    private const string ResourceExhausted = "8";
    private const string Unimplemented = "12";

    [Theory]
    [InlineData(5 * 1024 * 1024)]
    [InlineData(200 * 1024 * 1024)]
    public async Task A_request_over_four_megabytes_is_refused_in_the_words_that_official_workers_know(int length)
    {
        await using var transport = await NeverCalledAsync();
        var frame = TransportFixture.Frame(new byte[length]);

        var answer = await transport.SendAsync(frame);

        (answer.Status, answer.Text).ShouldBe((ResourceExhausted, "grpc: received message larger than max (4194304)"));
    }

    [Fact]
    public async Task A_request_of_four_megabytes_passes()
    {
        await using var transport = await LengthAsync();
        var message = new DescribeNamespaceRequest { Namespace = new string('x', (4 * 1024 * 1024) - 5) }.ToByteArray();
        message.Length.ShouldBe(4 * 1024 * 1024);

        var answer = await transport.SendAsync(TransportFixture.Frame(message));

        answer.Read(DescribeNamespaceResponse.Parser).FailoverVersion.ShouldBe((4 * 1024 * 1024) - 5);
    }

    [Fact]
    public async Task A_gzip_request_is_understood()
    {
        await using var transport = await LengthAsync();
        var message = new DescribeNamespaceRequest { Namespace = new string('z', 5000) }.ToByteArray();

        var answer = await transport.SendAsync(TransportFixture.Frame(Zip(message), compressed: true), "gzip");

        answer.Read(DescribeNamespaceResponse.Parser).FailoverVersion.ShouldBe(5000);
    }

    [Fact]
    public async Task A_gzip_request_that_grows_over_four_megabytes_is_refused()
    {
        await using var transport = await NeverCalledAsync();

        var answer = await transport.SendAsync(TransportFixture.Frame(Zip(new byte[256 * 1024 * 1024]), compressed: true), "gzip");

        (answer.Status, answer.Text).ShouldBe((ResourceExhausted, "grpc: received message larger than max (4194304)"));
    }

    [Theory]
    [InlineData("gzip", Internal)]
    [InlineData("snappy", Unimplemented)]
    [InlineData(null, Internal)]
    public async Task What_is_not_compressed_as_it_says_is_refused(string? encoding, string status)
    {
        await using var transport = await NeverCalledAsync();

        var answer = await transport.SendAsync(TransportFixture.Frame([7, 7, 7], compressed: true), encoding);

        answer.Status.ShouldBe(status, answer.Text);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task A_broken_frame_is_refused_and_leaves_no_line_in_the_log(byte[] frame)
    {
        await using var transport = await NeverCalledAsync();

        var answer = await transport.SendAsync(frame);

        answer.Status.ShouldBe(Internal, answer.Text);
        answer.Text.ShouldNotBeNullOrEmpty();
        transport.Logs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 })] // broken in its middle
    [InlineData(new byte[] { 0xE2, 0x82 })] // broken off at its end
    [InlineData(new byte[] { 0xC0, 0x80 })] // longer than need be
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // half a pair
    public async Task Text_that_is_not_utf8_is_refused_rather_than_replaced(byte[] text)
    {
        await using var transport = await NeverCalledAsync();

        var answer = await transport.SendAsync(TransportFixture.Frame([10, (byte)text.Length, .. text]));

        (answer.Status, answer.Text).ShouldBe((Internal, "grpc: error unmarshalling request: string field contains invalid UTF-8"));
    }

    [Fact]
    public async Task Text_that_only_the_next_fields_tag_makes_whole_is_refused()
    {
        await using var transport = await NeverCalledAsync();

        // A namespace that ends in the middle of a character, and a field 17 of which the server knows nothing: its tag begins with 0x8A.
        var answer = await transport.SendAsync(TransportFixture.Frame([10, 2, (byte)'a', 0xC3, 0x8A, 0x01, 1, (byte)'b']));

        answer.Text.ShouldBe("grpc: error unmarshalling request: string field contains invalid UTF-8");
    }

    [Theory]
    [InlineData("/temporal.api.workflowservice.v1.WorkflowService/NoSuchCall", "unknown method NoSuchCall for service temporal.api.workflowservice.v1.WorkflowService")]
    [InlineData("/grpc.health.v1.Health/NoSuchCall", "unknown method NoSuchCall for service grpc.health.v1.Health")]
    [InlineData("/no.such.Service/Call", "unknown service no.such.Service")]
    [InlineData("/no/such/Call", "unknown service no/such")]
    [InlineData("/Call", "malformed method name: \"/Call\"")]
    public async Task What_is_not_there_is_unimplemented_in_the_words_of_gos_servers(string path, string text)
    {
        await using var transport = await NeverCalledAsync();

        var answer = await transport.SendAsync(TransportFixture.Frame([]), path: path);

        (answer.Status, answer.Text).ShouldBe((Unimplemented, text));
    }

    private static Task<TransportFixture> NeverCalledAsync() => TransportFixture.StartAsync((_, _) => throw new InvalidOperationException("must not be called"));

    private static Task<TransportFixture> LengthAsync() => TransportFixture.StartAsync((request, _) => Task.FromResult(new DescribeNamespaceResponse
    {
        FailoverVersion = request.Namespace.Length,
    }));

    private static byte[] Zip(byte[] message)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(message);
        }

        return zipped.ToArray();
    }
}
