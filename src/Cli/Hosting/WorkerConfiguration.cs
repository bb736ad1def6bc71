using Microsoft.Extensions.Configuration;

namespace Onramp.Cli.Hosting;

/// <summary>
/// Where the activities' settings come from: the sandbox's own first, then a JSON file, then the environment
/// (<c>Onramp__GitHub__Token</c> and so on); later ones win.
/// </summary>
internal static class WorkerConfiguration
{
    public static IConfiguration Build(IEnumerable<KeyValuePair<string, string?>> sandbox, string? file)
    {
        var builder = new ConfigurationBuilder().AddInMemoryCollection(sandbox);
        if (file is not null)
        {
            if (!File.Exists(file))
                throw new CliException($"the configuration file '{file}' does not exist.", ExitCodes.Usage);
            builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        }
        builder.AddEnvironmentVariables();
        try
        {
            return builder.Build();
        }
        catch (InvalidDataException e)
        {
            throw new CliException($"the configuration file '{file}' is not JSON: {e.InnerException?.Message ?? e.Message}", ExitCodes.Usage, e);
        }
    }
}
