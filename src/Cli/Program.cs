using System.CommandLine;
using System.CommandLine.Invocation;
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
    var exitCode = await command.InvokeAsync(configuration);
    return command.Action is ParseErrorAction ? ExitCodes.Usage : exitCode;
}
catch (Exception e) when (Failures.Report(e, command) is { } exitCode)
{
    return exitCode;
}
