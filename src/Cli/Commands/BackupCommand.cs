using System.CommandLine;
using Onramp.Cli.Hosting;
using Onramp.EmbeddedServer.Storage;
using Onramp.EmbeddedServer.Storage.Sqlite;

namespace Onramp.Cli.Commands;

/// <summary>Copies the embedded server's data file while the server goes on.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var command = new Command("backup", "Copy the server's data file, also while a server runs on it");
        var data = new Option<string>("--data") { Description = "The server's SQLite file", HelpName = "FILE", Required = true };
        var to = new Option<string>("--to") { Description = "Where the copy goes; a server can start on it as it is", HelpName = "FILE", Required = true };
        var force = new Option<bool>("--force") { Description = "Replace what is there" };
        foreach (var option in new Option[] { data, to, force })
            command.Add(option);
        command.SetAction(result =>
        {
            var copy = result.GetRequiredValue(to);
            try
            {
                StoreBackup.Copy(DataFiles.Check(result.GetRequiredValue(data)), copy, result.GetValue(force));
            }
            catch (StoreOpenException e)
            {
                throw new CliException(e.Message, ExitCodes.Failed, e);
            }

            result.InvocationConfiguration.Output.WriteLine($"{copy}: {new FileInfo(copy).Length} bytes, checked");
            return ExitCodes.Done;
        });
        return command;
    }
}
