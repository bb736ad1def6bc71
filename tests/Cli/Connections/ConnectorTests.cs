using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Cli.Connections;
using Onramp.EmbeddedServer;

namespace Onramp.Cli.Tests.Connections;

/// <summary>Connecting: refusals are told at once, absence is waited out.</summary>
public sealed class ConnectorTests
{
    private const string Key = "the-right-key-0123456789";

    /// <summary>Longer than any test may take: what ends before it was told at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_key_without_tls_connects_when_tls_is_off()
    {
        await using var server = await StartAsync();

        var client = await ConnectAsync(server.Address, ("TEMPORAL_API_KEY", Key), ("TEMPORAL_TLS", "false"));

        client.Options.Namespace.ShouldBe("default");
    }

    [Fact]
    public async Task A_wrong_key_is_refused_at_once_and_named_as_the_cause()
    {
        await using var server = await StartAsync();

        var failure = await RefusalAsync(server.Address, ("TEMPORAL_API_KEY", "some-other-key-012345678"), ("TEMPORAL_TLS", "false"));

        failure.ShouldBe($"the Temporal server at {server.Address} turned us away: Request unauthorized.");
    }

    [Fact]
    public async Task A_namespace_that_is_not_there_is_named_at_once()
    {
        await using var server = await StartAsync();

        var failure = await RefusalAsync(server.Address, ("TEMPORAL_API_KEY", Key), ("TEMPORAL_TLS", "false"), ("TEMPORAL_NAMESPACE", "nowhere"));

        failure.ShouldBe($"the Temporal server at {server.Address} has no namespace 'nowhere' (TEMPORAL_NAMESPACE names it).");
    }

    [Fact]
    public async Task A_server_without_tls_says_so_at_once_to_a_key_that_turned_tls_on()
    {
        await using var server = await StartAsync();

        var failure = await RefusalAsync(server.Address, ("TEMPORAL_API_KEY", Key));

        failure.ShouldContain("it does not speak TLS; TEMPORAL_TLS=false turns it off");
    }

    [Fact]
    public async Task A_server_that_comes_later_is_waited_for()
    {
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var connecting = ConnectAsync(address.ToString(), ("TEMPORAL_API_KEY", Key), ("TEMPORAL_TLS", "false"));
        await using var server = await StartAsync(address);

        var client = await connecting.WaitAsync(TimeSpan.FromSeconds(60));

        client.Connection.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task An_absent_server_is_tried_again_ever_more_rarely_until_patience_is_over()
    {
        var time = new WaitRecorder();
        var connector = new TemporalConnector(NullLoggerFactory.Instance, time);

        var failure = await Should.ThrowAsync<CliException>(() => connector.PatientlyAsync<int>(
            "host:7233", TimeSpan.FromSeconds(20), () => throw new InvalidOperationException("Connection failed"), CancellationToken.None));

        (failure.Message, string.Join(' ', time.Waits.Select(w => w.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture))))
            .ShouldBe(("the Temporal server at host:7233 can't be reached: Connection failed", "0.25 0.5 1 2 4 5 5 2.25"));
    }

    [Fact]
    public void Only_what_leaves_the_machine_is_compressed()
    {
        string Compression(string address) => new TemporalSettings().ToConnectOptions(address).GrpcCompression?.GetType().Name ?? "";
        string.Join(' ', new[] { "127.0.0.1:7233", "[::1]:7233", "localhost:7233", "temporal.example.com:7233" }.Select(Compression)).ShouldBe("None None None Gzip");
    }

    private static async Task<string> RefusalAsync(string address, params (string Name, string Value)[] variables)
    {
        var failure = await Should.ThrowAsync<CliException>(() => ConnectAsync(address, variables).WaitAsync(TimeSpan.FromSeconds(60)));
        failure.ExitCode.ShouldBe(ExitCodes.Failed);
        return failure.Message;
    }

    private static Task<TemporalServer> StartAsync(IPEndPoint? listen = null) =>
        TemporalServer.StartAsync(new TemporalServerOptions { Listen = listen ?? new IPEndPoint(IPAddress.Loopback, 0), ApiKeys = [Key] });

    private static Task<Temporalio.Client.ITemporalClient> ConnectAsync(string address, params (string Name, string Value)[] variables) =>
        new TemporalConnector(NullLoggerFactory.Instance, TimeProvider.System).ConnectAsync(
            TemporalSettings.From(name => variables.FirstOrDefault(v => v.Name == name).Value), address, Patience, CancellationToken.None);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A clock on which every wait is over at once, and noted. Bounds of attempts (which none of them reaches) aren't waits.</summary>
    private sealed class WaitRecorder : TimeProvider
    {
        private long now;

        public List<TimeSpan> Waits { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            now += dueTime.Ticks;
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
