using Temporalio.Api.Failure.V1;

namespace Onramp.EmbeddedServer.History.Activities;

/// <summary>Cuts a failure down to what is worth keeping: message, source, and of what kind it was.</summary>
internal static class FailureTruncation
{
    public static Failure Truncate(Failure failure, int maximumBytes)
    {
        var kept = new Failure { Source = failure.Source };
        switch (failure.FailureInfoCase)
        {
            case Failure.FailureInfoOneofCase.ApplicationFailureInfo:
                kept.ApplicationFailureInfo = new ApplicationFailureInfo
                {
                    Type = failure.ApplicationFailureInfo.Type,
                    NonRetryable = failure.ApplicationFailureInfo.NonRetryable,
                };
                break;
            case Failure.FailureInfoOneofCase.ServerFailureInfo:
                kept.ServerFailureInfo = failure.ServerFailureInfo;
                break;
            default:
                kept.ServerFailureInfo = new ServerFailureInfo();
                break;
        }

        var room = Math.Max(0, maximumBytes - kept.CalculateSize());
        kept.Message = failure.Message.Length <= room ? failure.Message : failure.Message[..room];
        room = Math.Max(0, maximumBytes - kept.CalculateSize());
        kept.StackTrace = failure.StackTrace.Length <= room ? failure.StackTrace : failure.StackTrace[..room];
        return kept;
    }
}
