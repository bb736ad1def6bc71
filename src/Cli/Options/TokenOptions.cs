using System.CommandLine;
using Onramp.Cli.Connections;
using Onramp.Starter.Security;

namespace Onramp.Cli.Options;

/// <summary>Who may call the API.</summary>
internal sealed class TokenOptions
{
    private readonly Option<string?> file = new("--tokens")
    {
        Description = $"File of API tokens, one a line: LOGIN GROUP,GROUP TOKEN [default: {ApiOptions.TokenFileVariable}]",
        HelpName = "FILE",
    };

    private readonly Option<bool> create = new("--create-token") { Description = "Make the token file, with one new token, when it does not exist" };

    public void AddTo(Command command)
    {
        command.Add(file);
        command.Add(create);
    }

    public IReadOnlyList<ApiToken> Read(ParseResult result)
    {
        var path = result.GetValue(file) ?? Environment.GetEnvironmentVariable(ApiOptions.TokenFileVariable);
        if (string.IsNullOrEmpty(path))
        {
            return result.GetValue(create)
                ? throw new CliException($"--create-token needs --tokens FILE (or {ApiOptions.TokenFileVariable}).", ExitCodes.Usage)
                : [];
        }
        if (result.GetValue(create) && ApiTokens.CreateIfMissing(path))
            Console.Error.WriteLine($"Made a token in '{path}'.");
        return ApiTokens.Read(path);
    }
}
