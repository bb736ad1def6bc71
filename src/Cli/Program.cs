using System.CommandLine;
using Onramp.Cli;
using Onramp.Cli.Commands;

var configuration = new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = OnrampCommand.DrainTime,
};
var command = OnrampCommand.Create().Parse(DevServerCommands.Expand(args));
try
{
    return await command.InvokeAsync(configuration);
}
catch (Exception e) when (Failures.Report(e, command) is { } exitCode)
{
    return exitCode;
}
