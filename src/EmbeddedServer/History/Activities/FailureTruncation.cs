using System.Diagnostics.CodeAnalysis;
using System.Text;
using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Cuts a failure down to what is worth keeping: of what kind it was, source, message, stack trace and causes, as far as there is room for each.</summary>
internal static class FailureTruncation
{
    /// <summary>What stands in for a failure that was cut down.</summary>
    public const string TooLarge = "Failure exceeds size limit.";

    private const int DeepestCause = 20;

    /// <summary>What a text takes besides its own bytes, and so on for a kind of failure.</summary>
    private const int BytesBesideText = 4;
    private const int BytesBesideApplicationFailure = 8;

    /// <summary>The failure as it is recorded: itself, or what stands in for one that is too large, with as much of it as is told.</summary>
    [return: NotNullIfNotNull(nameof(failure))]
    public static Failure? Fit(Failure? failure, HistoryEngineOptions options) => failure is null || failure.CalculateSize() <= options.MaximumBlobBytes
        ? failure
        : new Failure
        {
            Message = TooLarge,
            Cause = Truncate(failure, options.MaximumAnsweredFailureBytes),
            ServerFailureInfo = new ServerFailureInfo { NonRetryable = true },
        };

    public static Failure Truncate(Failure failure, int maximumBytes) => Truncate(failure, maximumBytes, DeepestCause);

    private static Failure Truncate(Failure failure, int room, int depth)
    {
        string Take(string text)
        {
            var taken = Cut(text, room);
            room -= taken.Length == 0 ? 0 : Encoding.UTF8.GetByteCount(taken) + BytesBesideText;
            return taken;
        }

        var kept = new Failure();
        if (failure.ApplicationFailureInfo is { } application)
        {
            kept.ApplicationFailureInfo = new ApplicationFailureInfo { NonRetryable = application.NonRetryable, Type = Take(application.Type) };
            room -= BytesBesideApplicationFailure;
        }
        else if (failure.ServerFailureInfo is { } server)
        {
            kept.ServerFailureInfo = new ServerFailureInfo { NonRetryable = server.NonRetryable };
            room -= BytesBesideText;
        }

        kept.Source = Take(failure.Source);
        kept.Message = Take(failure.Message);
        kept.StackTrace = Take(failure.StackTrace);
        if (failure.Cause is { } cause && room > BytesBesideText && depth > 0)
        {
            kept.Cause = Truncate(cause, room - BytesBesideText, depth - 1);
        }

        return kept;
    }

    /// <summary>The longest beginning of whole characters that takes no more than so many bytes.</summary>
    private static string Cut(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
