using System.CommandLine;
using Onramp.Cli.Api;
using Onramp.Cli.Connections;

namespace Onramp.Cli.Options;

/// <summary>How a user's command finds the API.</summary>
internal sealed class ApiOptions
{
    public const string DefaultAddress = "http://127.0.0.1:5080";
    public const string AddressVariable = "ONRAMP_API";
    public const string TokenVariable = "ONRAMP_API_TOKEN";
    public const string TokenFileVariable = "ONRAMP_API_TOKEN_FILE";

    private readonly Option<string?> address = new("--api")
    {
        Description = $"Address of the API [default: {AddressVariable}, or {DefaultAddress}]",
        HelpName = "URL",
    };

    public void AddTo(Command command) => command.Add(address);

    /// <summary>Tokens come from the environment only: an argument would be visible to everyone on the machine.</summary>
    public OnrampApi Connect(ParseResult result)
    {
        var text = result.GetValue(address) ?? NonEmpty(AddressVariable) ?? DefaultAddress;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new CliException($"'{text}' is not the address of an API: write http://HOST:PORT.", ExitCodes.Usage);
        var token = NonEmpty(TokenVariable);
        if (token is null && NonEmpty(TokenFileVariable) is { } file)
            token = File.Exists(file) ? ApiTokens.FirstToken(file) : throw new CliException($"{TokenFileVariable} names '{file}', which does not exist.", ExitCodes.Usage);
        if (token is not null && uri.Scheme == "http" && !uri.IsLoopback)
            throw new CliException($"a token is not sent to {uri} without TLS: use https.", ExitCodes.Usage);
        return new OnrampApi(uri, token);
    }

    private static string? NonEmpty(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
