using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Onramp.Cli.Connections;
using Onramp.Cli.Hosting;
using Onramp.Starter.Security;

namespace Onramp.Cli.Tests;

/// <summary>What comes from environment and files.</summary>
public sealed class SettingsTests : IDisposable
{
    private static readonly string Authority = MakeAuthority();

    private readonly string folder = Directory.CreateTempSubdirectory("onramp-settings-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Nothing_set_means_the_embedded_server()
    {
        var settings = Read();
        (settings.Address, settings.Namespace, settings.ApiKey, settings.Tls).ShouldBe((null, "default", null, null));
    }

    [Fact]
    public void Everything_set_is_honoured()
    {
        var settings = Read(
            ("TEMPORAL_ADDRESS", "temporal.example.com:7233"), ("TEMPORAL_NAMESPACE", "team"), ("TEMPORAL_API_KEY", "key"),
            ("TEMPORAL_TLS_SERVER_NAME", "inner"), ("TEMPORAL_TLS_SERVER_CA_CERT_DATA", Authority),
            ("TEMPORAL_TLS_CLIENT_CERT_DATA", "cert"), ("TEMPORAL_TLS_CLIENT_KEY_PATH", Write("key.pem", "private")));
        (settings.Address, settings.Namespace, settings.ApiKey).ShouldBe(("temporal.example.com:7233", "team", "key"));
        var tls = settings.Tls.ShouldNotBeNull();
        (tls.Domain, Encoding.UTF8.GetString(tls.ServerRootCACert!), Encoding.UTF8.GetString(tls.ClientPrivateKey!)).ShouldBe(("inner", Authority, "private"));
    }

    [Fact]
    public void An_api_key_turns_tls_on_unless_it_is_off()
    {
        Read(("TEMPORAL_API_KEY", "key")).Tls.ShouldNotBeNull();
        Read(("TEMPORAL_API_KEY", "key"), ("TEMPORAL_TLS", "false")).Tls.ShouldNotBeNull().Disabled.ShouldBeTrue();
        Read(("TEMPORAL_TLS", "true")).Tls.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("TEMPORAL_ADDRESS", "nowhere")]
    [InlineData("TEMPORAL_ADDRESS", "http://host:7233")]
    [InlineData("TEMPORAL_ADDRESS", "host:0")]
    [InlineData("TEMPORAL_TLS", "perhaps")]
    [InlineData("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/does/not/exist")]
    [InlineData("TEMPORAL_TLS_SERVER_CA_CERT_DATA", "no certificate")]
    [InlineData("TEMPORAL_TLS_CLIENT_CERT_DATA", "lonely")]
    [InlineData("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "true")]
    public void What_makes_no_sense_is_refused_by_name(string name, string value)
    {
        var failure = Should.Throw<CliException>(() => Read((name, value)));
        failure.Message.ShouldContain(name.Replace("_DATA", "", StringComparison.Ordinal).Replace("_PATH", "", StringComparison.Ordinal));
        failure.ExitCode.ShouldBe(ExitCodes.Usage);
    }

    [Fact]
    public void A_token_file_is_read_and_its_tokens_are_found()
    {
        var file = Write("tokens", "# comment\n\nada platform,security 0123456789abcdef\ngrace * sha256:" + new string('0', 64) + "\n");
        var tokens = ApiTokens.Read(file);
        tokens.Select(t => t.Caller).ShouldBe(["ada", "grace"]);
        var found = ApiToken.Find(tokens, "0123456789abcdef").ShouldNotBeNull();
        (found.Caller, string.Join('+', found.Groups)).ShouldBe(("ada", "platform+security"));
        ApiToken.Find(tokens, "0123456789abcdeF").ShouldBeNull();
        ApiTokens.FirstToken(file).ShouldBe("0123456789abcdef");
    }

    [Theory]
    [InlineData("ada platform", "line 1")]
    [InlineData("# only a comment", "holds no token")]
    [InlineData("ada platform short", "line 1")]
    [InlineData("ada platform sha256:abc", "line 1")]
    public void A_token_file_that_makes_no_sense_is_refused_without_repeating_it(string content, string message)
    {
        var failure = Should.Throw<CliException>(() => ApiTokens.Read(Write("tokens", content)));
        failure.Message.ShouldContain(message);
        failure.Message.ShouldNotContain("short");
    }

    [Fact]
    public void A_token_is_made_once_and_only_its_owner_can_read_it()
    {
        var file = Path.Combine(folder, "deep", "tokens");
        ApiTokens.CreateIfMissing(file).ShouldBeTrue();
        var first = File.ReadAllText(file);
        ApiTokens.CreateIfMissing(file).ShouldBeFalse();
        File.ReadAllText(file).ShouldBe(first);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ApiTokens.Read(file).Single().Groups.ShouldBe(["*"]);
    }

    [Fact]
    public void A_data_file_of_something_else_is_refused_and_a_new_or_own_one_is_not()
    {
        Should.Throw<CliException>(() => DataFiles.Check(Write("letter", "Dear aunt, this is no database at all."))).Message.ShouldContain("not a data file");
        Should.Throw<CliException>(() => DataFiles.Check(folder)).Message.ShouldContain("is a folder");
        Should.Throw<CliException>(() => DataFiles.Check(Path.Combine(folder, "missing", "file.db"))).Message.ShouldContain("does not exist");
        DataFiles.Check(Path.Combine(folder, "new.db")).ShouldEndWith("new.db");
        DataFiles.Check(Write("own.db", "SQLite format 3\0 and so on")).ShouldEndWith("own.db");
        DataFiles.Check(":memory:").ShouldBe(":memory:");
    }

    private static string MakeAuthority()
    {
        using var key = ECDsa.Create();
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, from.AddYears(1));
        return certificate.ExportCertificatePem();
    }

    private string Write(string name, string content)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, content);
        return file;
    }

    private static TemporalSettings Read(params (string Name, string Value)[] variables) =>
        TemporalSettings.From(name => variables.FirstOrDefault(v => v.Name == name).Value);
}
