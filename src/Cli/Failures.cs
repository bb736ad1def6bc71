using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Onramp.Cli.Logging;
using Onramp.Cli.Options;
using Serilog.Events;
using Temporalio.Exceptions;

namespace Onramp.Cli;

/// <summary>Something that the user can put right, said in one line.</summary>
public sealed class CliException(string message, int exitCode = ExitCodes.Failed, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>What the process ends with.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>It ran and did not come out as asked: a run failed, an address is taken, a server is away.</summary>
    public const int Failed = 1;

    /// <summary>What was typed makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The embedded server's data file can't be written any more: see to the disk, then start again.</summary>
    public const int StoreFailed = 3;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;
}

/// <summary>Turns what users can meet into one line; everything else is a defect and keeps its stack trace.</summary>
internal static partial class Failures
{
    public static (string Message, int ExitCode)? Describe(Exception exception) => exception switch
    {
        CliException e => (e.Message, e.ExitCode),
        OperationCanceledException => ("stopped before it was done.", ExitCodes.Interrupted),
        ValidationException e => (e.Message, ExitCodes.Usage),
        AddressInUseException e => (AddressInUse(e.Message), ExitCodes.Failed),
        IOException { InnerException: AddressInUseException } e => (AddressInUse(e.Message), ExitCodes.Failed),
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => ("this machine does not have the address to listen on.", ExitCodes.Failed),
        SocketException { SocketErrorCode: SocketError.AccessDenied } => ("listening on that port is not allowed (ports below 1024 need privileges).", ExitCodes.Failed),
        RpcException e => ($"the Temporal server answered {e.Code}: {e.Message}", ExitCodes.Failed),
        HttpRequestException e => ($"the Onramp API can't be reached: {e.Message}", ExitCodes.Failed),
        InvalidDataException e => (e.Message, ExitCodes.Failed),
        UnauthorizedAccessException e => (e.Message, ExitCodes.Failed),
        DirectoryNotFoundException or FileNotFoundException => (exception.Message, ExitCodes.Failed),
        _ => null,
    };

    /// <summary>
    /// Says on standard error what ended a command, as a line of the log when that is JSON; the exit code. Null for a defect, which the
    /// runtime tells with its stack trace.
    /// </summary>
    public static int? Report(Exception exception, ParseResult command)
    {
        var json = command.CommandResult.Command.Options.OfType<Option<bool>>().FirstOrDefault(o => o.Name == LogOptions.JsonName) is { } option && command.GetValue(option);
        var failure = Describe(exception);
        if (json)
        {
            using var logs = new Logs(new LogSettings(LogEventLevel.Verbose, Json: true, File: null));
            Ended(logs.For("onramp").CreateLogger("Onramp.Cli"), failure is null ? exception : null, failure?.Message ?? "a defect of Onramp.");
            return failure?.ExitCode ?? ExitCodes.Failed;
        }
        if (failure is null)
            return null;
        Console.Error.WriteLine($"onramp: {failure.Value.Message}");
        return failure.Value.ExitCode;
    }

    [LoggerMessage(LogLevel.Critical, "onramp: {Reason}")]
    private static partial void Ended(ILogger logger, Exception? exception, string reason);

    private static string AddressInUse(string message) =>
        $"{message.TrimEnd('.')}. Another process listens there: stop it, or choose another port (0 takes a free one).";
}
