using Onramp.Workflows.Contracts;
using Temporalio.Exceptions;

namespace Onramp.Workflows.Saga;

/// <summary>Reads the stable type, the words and the remediation out of what an activity call threw.</summary>
public static class FailureReader
{
    public static StepError Read(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ApplicationFailureException application:
                    return new StepError(application.ErrorType ?? ErrorTypes.ExternalBug, application.Message);
                case TimeoutFailureException timeout:
                    return new StepError(ErrorTypes.Timeout, Innermost(timeout)?.Message is { } last ? $"{timeout.Message}: {last}" : timeout.Message);
            }
        }
        return new StepError(ErrorTypes.ExternalBug, exception.Message);
    }

    /// <summary>The remediation that the activity gave, if it gave one.</summary>
    public static string? Remediation(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is ApplicationFailureException { Details: { Count: > 0 } details })
                return details.ElementAt<FailureDetail>(0)?.Remediation;
        }
        return null;
    }

    public static bool IsCancellation(Exception exception) =>
        TemporalException.IsCanceledException(exception);

    private static ApplicationFailureException? Innermost(Exception exception) =>
        exception.InnerException is null ? exception as ApplicationFailureException : Innermost(exception.InnerException);
}
