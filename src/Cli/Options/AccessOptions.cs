using System.CommandLine;
using Onramp.EmbeddedServer.Access;

namespace Onramp.Cli.Options;

/// <summary>Who may call the embedded server, and what they may do.</summary>
internal sealed class AccessOptions
{
    private readonly Option<string?> keys = new("--api-keys")
    {
        Description = "File of API keys, one a line: KEY, or KEY NAMESPACE:read|write|admin …; every call must carry one", HelpName = "FILE",
    };

    private readonly Option<string?> tokenKeys = new("--jwt-keys")
    {
        Description = "Take tokens (JWT) signed with a key of this JWK set; their claim 'permissions' lists NAMESPACE:read|write|admin", HelpName = "URL|FILE",
    };

    private readonly Option<string?> issuer = new("--jwt-issuer") { Description = "The issuer that tokens must have [default: any]", HelpName = "ISSUER" };
    private readonly Option<string?> audience = new("--jwt-audience") { Description = "The audience that tokens must have [default: any]", HelpName = "AUDIENCE" };

    public void AddTo(Command command)
    {
        foreach (var option in new[] { keys, tokenKeys, issuer, audience })
            command.Add(option);
    }

    /// <exception cref="CliException">The file isn't there, holds no key, or a line makes no sense; the message has its number, never the key.</exception>
    public IReadOnlyCollection<ApiKey> ReadKeys(ParseResult result)
    {
        if (result.GetValue(keys) is not { } file)
            return [];
        if (!File.Exists(file))
            throw new CliException($"the API key file '{file}' does not exist.", ExitCodes.Usage);
        var read = new List<ApiKey>();
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0][0] != '#')
                read.Add(Read(file, number + 1, words));
        }
        return read.Count > 0 ? read : throw new CliException($"the API key file '{file}' holds no key.", ExitCodes.Usage);
    }

    /// <exception cref="CliException">The key set is no address and no file that is there, or the other options come without one.</exception>
    public TokenTrust? ReadTokens(ParseResult result)
    {
        if (result.GetValue(tokenKeys) is not { } source)
            return result.GetValue(issuer) is null && result.GetValue(audience) is null
                ? null
                : throw new CliException("--jwt-issuer and --jwt-audience need --jwt-keys.", ExitCodes.Usage);
        return new TokenTrust { Keys = SourceOf(source), Issuer = result.GetValue(issuer), Audience = result.GetValue(audience) };
    }

    private static ApiKey Read(string file, int number, string[] words)
    {
        try
        {
            return new ApiKey(words[0], words.Length == 1 ? Grants.All : Grants.Parse(words[1..]));
        }
        catch (FormatException e)
        {
            throw new CliException($"line {number} of '{file}': {e.Message}", ExitCodes.Usage);
        }
    }

    private static Uri SourceOf(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            return uri;
        return File.Exists(text)
            ? new Uri(Path.GetFullPath(text))
            : throw new CliException($"the JWK set '{text}' is no http(s) address and no file that is there.", ExitCodes.Usage);
    }
}
