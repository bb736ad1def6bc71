using Onramp.Cli;

namespace Onramp.Cli.Tests;

/// <summary>What <c>onramp server</c> makes of its files of keys.</summary>
public sealed class AccessOptionTests : IDisposable
{
    private const string Secret = "b7f2-very-secret";

    private readonly string file = Path.Combine(Directory.CreateTempSubdirectory("onramp-keys-").FullName, "keys");

    [Theory]
    [InlineData($"# a comment\n{Secret} orders:owner\n", "line 2 of")]
    [InlineData($"{Secret} orders\n", "'orders' is no permission")]
    [InlineData("# only a comment\n", "holds no key")]
    public async Task A_key_file_that_makes_no_sense_is_refused_by_its_line_without_the_key(string text, string reason)
    {
        await File.WriteAllTextAsync(file, text);

        var (exitCode, output, error) = await OnrampCommandLine.RunAsync(["server", "--api-keys", file]);

        exitCode.ShouldBe(ExitCodes.Usage);
        error.ShouldContain(reason);
        (output + error).ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Keys_of_tokens_that_are_nowhere_are_refused()
    {
        var (exitCode, _, error) = await OnrampCommandLine.RunAsync(["server", "--jwt-keys", file]);

        exitCode.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("no http(s) address and no file that is there");
    }

    [Fact]
    public async Task An_issuer_without_its_keys_is_refused()
    {
        var (exitCode, _, error) = await OnrampCommandLine.RunAsync(["server", "--jwt-issuer", "https://issuer.example.com"]);

        exitCode.ShouldBe(ExitCodes.Usage);
        error.ShouldContain("need --jwt-keys");
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
}
