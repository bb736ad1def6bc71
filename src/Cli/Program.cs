using System.CommandLine;
using Onramp.Cli;
using Onramp.Cli.Commands;

var configuration = new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = OnrampCommand.DrainTime,
};
try
{
    return await OnrampCommand.Create().Parse(args).InvokeAsync(configuration);
}
catch (Exception e) when (Failures.Describe(e) is { } failure)
{
    Console.Error.WriteLine($"onramp: {failure.Message}");
    return failure.ExitCode;
}
