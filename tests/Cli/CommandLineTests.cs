using System.CommandLine;
using System.Net;
using Onramp.Cli.Commands;
using Onramp.Cli.Options;
using Onramp.EmbeddedServer.History;

namespace Onramp.Cli.Tests;

/// <summary>What can be typed, and what is said about what can't.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("try --once")]
    [InlineData("try --service billing --data data --yes")]
    [InlineData("up --data :memory: --api-listen 127.0.0.1:0 --temporal-listen localhost:0")]
    [InlineData("up --no-sandbox --config onramp.json --tokens tokens --create-token")]
    [InlineData("server --listen 127.0.0.1:7233 --data temporal.db --namespace default --namespace team")]
    [InlineData("server --listen [::1]:7233 --data :memory: --tls-cert c.pem --tls-key k.pem --tls-client-ca ca.pem")]
    [InlineData("ui build --data data")]
    [InlineData("up --ui")]
    [InlineData("up --ui-port 0 --ui-files pages")]
    [InlineData("try --ui --once")]
    [InlineData("server --ui-port 8233 --ui-host ui.example.com --ui-host ui")]
    [InlineData("server start-dev --ui --ui-port 8233")]
    [InlineData("server --listen 127.0.0.1:0 --http-listen 127.0.0.1:7243 --ui-listen localhost:8233")]
    [InlineData("server start-dev --port 1234 --namespace default --ip 127.0.0.1 --log-format pretty --log-level warn --dynamic-config-value a.b=true --dynamic-config-value c.d=1 --headless")]
    [InlineData("server start-dev --db-filename dev.db --ui-port 1235 --search-attribute Customer=Keyword --search-attribute Amount=Int")]
    [InlineData("server start-dev --port 0 --ui-port 0 --headless")]
    [InlineData("server start-dev --port=0 --ui-port=0 --ip=127.0.0.1 --log-level=error --log-format=json --headless=true --db-filename=dev.db --namespace=team --search-attribute=Customer=Keyword --dynamic-config-value=a.b=1")]
    [InlineData("server start-dev --port:0 --ip localhost")]
    [InlineData("server start-dev -p 0 -f dev.db -n team -n other")]
    [InlineData("server start-dev -p0 -n=team")]
    [InlineData("server start-dev --namespace team --namespace other --namespace default")]
    [InlineData("server start-dev --db-filename temporal.sqlite --sqlite-pragma journal_mode=WAL --sqlite-pragma synchronous=OFF --headless")]
    [InlineData("server start-test 1234 --enable-time-skipping")]
    [InlineData("server backup --data temporal.db --to copy.db --force")]
    [InlineData("worker --config sandbox.json --listen 127.0.0.1:9090")]
    [InlineData("starter --listen 0.0.0.0:5080 --tokens tokens")]
    [InlineData("starter --temporal-ui https://cloud.temporal.io")]
    [InlineData("sandbox --sandbox-port 9100 --data :memory: --write-config sandbox.json --log-json")]
    [InlineData("create orders --team payments -e production --depends-on billing --depends-on stock --watch")]
    [InlineData("list --team payments --state completed --page-size 5 --json")]
    [InlineData("approve orders-staging --as ada --group platform --comment fine")]
    [InlineData("reject orders-staging -y")]
    [InlineData("cancel orders-staging --watch")]
    [InlineData("watch orders-staging --api http://127.0.0.1:5080")]
    public void This_can_be_typed(string line) => OnrampCommand.Create().Parse(line).Errors.ShouldBeEmpty();

    [Theory]
    [InlineData("server --listen 7233", "'7233' is not an address to listen on")]
    [InlineData("server --listen 127.0.0.1:99999", "is not an address to listen on")]
    [InlineData("server start-dev --port 70000", "--port must be from 0 to 65535")]
    [InlineData("server start-dev -p 70000", "--port must be from 0 to 65535")]
    [InlineData("server start-dev --port some", "--port must be from 0 to 65535 (0 takes a free one), not 'some'")]
    [InlineData("server start-dev --port", "Required argument missing for option: '--port'")]
    [InlineData("server start-dev --port 1 --port 2", "Option '--port' expects a single argument but 2 were provided")]
    [InlineData("server start-dev --colour red", "Unrecognized command or argument '--colour'")]
    [InlineData("server start-dev 7233", "Unrecognized command or argument '7233'")]
    [InlineData("server start-dev --log-format yaml", "Argument 'yaml' not recognized. Must be one of:")]
    [InlineData("server start-dev --port -1", "--port must be from 0 to 65535")]
    [InlineData("server start-test some", "port must be from 0 to 65535 (0 takes a free one), not 'some'")]
    [InlineData("server start-test 70000", "port must be from 0 to 65535")]
    [InlineData("server start-test 7233 7234", "Unrecognized command or argument '7234'")]
    [InlineData("server start-dev --ip nowhere", "'nowhere' is not an address")]
    [InlineData("server start-dev --search-attribute Customer=Number", "'Customer=Number' is no search attribute")]
    [InlineData("server start-dev --log-level loud", "'loud' is not a level")]
    [InlineData("server start-dev --dynamic-config-value limit.historyCount.suggestContinueAsNew", "is no setting: write KEY=VALUE")]
    [InlineData("server start-dev --dynamic-config-value limit.historyCount.suggestContinueAsNew=many", "is a whole number")]
    [InlineData("server start-dev --dynamic-config-value limit.historyCount.suggestContinueAsNew=1", "must be between 10 and")]
    [InlineData("server start-dev --dynamic-config-value system.enableCrossNamespaceCommands=yes", "is true or false")]
    [InlineData("server start-dev --dynamic-config-value history.timerProcessorMaxTimeShift=soon", "is a span such as 500ms or 1s")]
    [InlineData("up --api-listen example.com:80", "is not an address to listen on")]
    [InlineData("up --sandbox-port 70000", "--sandbox-port must be from 0 to 65000")]
    [InlineData("up --ui-port 70000", "--ui-port must be from 0 to 65535")]
    [InlineData("create --team payments", "argument")]
    [InlineData("create orders", "--team")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("list --colour red", "--colour")]
    public void This_can_not_and_the_message_says_why(string line, string message) =>
        OnrampCommand.Create().Parse(line).Errors.Select(e => e.Message).ShouldContain(m => m.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Limits_that_Temporals_servers_have_too_are_set_by_their_names_there()
    {
        var command = new Command("start") { DynamicConfig.Option() };

        var options = command.Parse("--dynamic-config-value limit.historyCount.suggestContinueAsNew=50 --dynamic-config-value a.b=true")
            .GetRequiredValue<HistoryEngineOptions>("--dynamic-config-value");

        options.SuggestContinueAsNewEvents.ShouldBe(50);
    }

    [Fact]
    public void Whether_commands_reach_other_namespaces_is_set_by_its_name_there_too()
    {
        var command = new Command("start") { DynamicConfig.Option() };

        var options = command.Parse("--dynamic-config-value system.enableCrossNamespaceCommands=true").GetRequiredValue<HistoryEngineOptions>("--dynamic-config-value");

        options.EnableCrossNamespaceCommands.ShouldBeTrue();
    }

    [Fact]
    public async Task Help_shows_no_name_of_a_class_of_ours()
    {
        var (_, help, _) = await OnrampCommandLine.RunAsync(["server", "start-dev", "--help"]);

        help.ShouldNotContain("Onramp.");
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("2s", 2_000)]
    [InlineData("\"1s\"", 1_000)]
    public void Spans_are_written_as_Temporals_servers_read_them(string text, int milliseconds)
    {
        var command = new Command("start") { DynamicConfig.Option() };

        var options = command.Parse(["--dynamic-config-value", $"history.timerProcessorMaxTimeShift={text}"]).GetRequiredValue<HistoryEngineOptions>("--dynamic-config-value");

        options.MinimumTimerSpan.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("create")]
    [InlineData("server --listen 7233")]
    [InlineData("server start-dev --colour red")]
    [InlineData("7233 --colour")]
    public async Task What_makes_no_sense_ends_with_a_code_of_its_own(string line)
    {
        var (exitCode, _, _) = await OnrampCommandLine.RunAsync(line.Split(' '));

        exitCode.ShouldBe(ExitCodes.Usage);
    }

    [Fact]
    public async Task A_worker_looks_at_its_settings_before_it_waits_for_temporal()
    {
        var (exitCode, _, error) = await OnrampCommandLine.RunAsync(["worker", "--config", "/does/not/exist.json", "--log-level", "fatal"], ("TEMPORAL_ADDRESS", "127.0.0.1:1"));

        (exitCode, error).ShouldBe((ExitCodes.Usage, $"onramp: the configuration file '/does/not/exist.json' does not exist.{Environment.NewLine}"));
    }

    [Theory]
    [InlineData("7233", "server start-test 7233")]
    [InlineData("7233 --enable-time-skipping", "server start-test 7233 --enable-time-skipping")]
    [InlineData("server --listen 127.0.0.1:0", "server --listen 127.0.0.1:0")]
    [InlineData("99999", "99999")]
    public void A_bare_port_starts_a_test_server(string typed, string expected) =>
        string.Join(' ', DevServerCommands.Expand(typed.Split(' '))).ShouldBe(expected);

    [Fact]
    public async Task Every_command_and_option_is_described_in_help()
    {
        var root = OnrampCommand.Create();
        foreach (var command in root.Subcommands)
        {
            command.Description.ShouldNotBeNullOrEmpty(command.Name);
            command.Options.ShouldAllBe(o => !string.IsNullOrEmpty(o.Description), command.Name);
            using var output = new StringWriter();
            (await root.Parse([command.Name, "--help"]).InvokeAsync(new InvocationConfiguration { Output = output })).ShouldBe(0);
            output.ToString().ShouldContain(command.Description!);
        }
    }

    [Fact]
    public async Task Help_tells_each_default_once()
    {
        var root = OnrampCommand.Create();
        using var output = new StringWriter();
        foreach (var command in root.Subcommands)
            await root.Parse([command.Name, "--help"]).InvokeAsync(new InvocationConfiguration { Output = output });

        output.ToString().Split('\n').Where(line => line.Split("[default:").Length > 2).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("127.0.0.1:80", "127.0.0.1:80")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("*:7233", "0.0.0.0:7233")]
    [InlineData("[::1]:1", "[::1]:1")]
    public void An_address_to_listen_on_is_read(string text, string expected)
    {
        EndPoints.TryParse(text, out var endPoint).ShouldBeTrue();
        endPoint.ShouldBe(IPEndPoint.Parse(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("::1:80")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("host:80")]
    public void What_is_no_address_is_none(string text) => EndPoints.TryParse(text, out _).ShouldBeFalse();
}
