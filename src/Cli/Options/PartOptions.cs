using System.CommandLine;

namespace Onramp.Cli.Options;

/// <summary>Options that several commands have.</summary>
internal static class PartOptions
{
    public static Option<int> SandboxPort()
    {
        var option = new Option<int>("--sandbox-port") { Description = "First of the sandbox's consecutive ports; 0 takes free ones [default: 0]", HelpName = "PORT" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65000)
                result.AddError("--sandbox-port must be from 0 to 65000.");
        });
        return option;
    }

    public static Option<string?> Config() => new("--config")
    {
        Description = "JSON file with the settings of the systems (section Onramp); the environment (Onramp__…) goes over it",
        HelpName = "FILE",
    };
}
