using Temporalio.Api.Failure.V1;
using Temporalio.Exceptions;

namespace Temporalio.Converters;

/// <summary>Options of the <see cref="DefaultFailureConverter"/>.</summary>
public class DefaultFailureConverterOptions : ICloneable
{
    /// <summary>
    /// Whether message and stack trace move into a payload, so that a codec encrypts them too. Default: false.
    /// </summary>
    public bool EncodeCommonAttributes { get; set; }

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}

/// <summary>
/// Converts exceptions as they are: failures become what they were made from, any other exception becomes an application failure
/// whose type is the exception's type name.
/// </summary>
public class DefaultFailureConverter : IFailureConverter
{
    private const string EncodedMessage = "Encoded failure";
    private const string MessageAttribute = "message";
    private const string StackTraceAttribute = "stack_trace";

    /// <summary>With default options.</summary>
    public DefaultFailureConverter()
        : this(new DefaultFailureConverterOptions())
    {
    }

    /// <summary>For derived classes with other options.</summary>
    /// <param name="options">Options.</param>
    protected DefaultFailureConverter(DefaultFailureConverterOptions options) => Options = options;

    /// <summary>Options in use; not to be changed.</summary>
    public DefaultFailureConverterOptions Options { get; private init; }

    /// <inheritdoc/>
    public Failure ToFailure(Exception exception, IPayloadConverter payloadConverter)
    {
        var failure = exception is FailureException { Failure: { } known } ? known.Clone() : Describe(exception, payloadConverter);
        if (Options.EncodeCommonAttributes && failure.EncodedAttributes is null)
        {
            failure.EncodedAttributes = payloadConverter.ToPayload(new Dictionary<string, string>
            {
                [MessageAttribute] = failure.Message,
                [StackTraceAttribute] = failure.StackTrace,
            });
            failure.Message = EncodedMessage;
            failure.StackTrace = string.Empty;
        }

        return failure;
    }

    /// <inheritdoc/>
    public Exception ToException(Failure failure, IPayloadConverter payloadConverter)
    {
        var readable = WithReadableAttributes(failure, payloadConverter);
        var inner = readable.Cause is null ? null : ToException(readable.Cause, payloadConverter);
        return readable.FailureInfoCase switch
        {
            Failure.FailureInfoOneofCase.ApplicationFailureInfo => new ApplicationFailureException(readable, inner, payloadConverter),
            Failure.FailureInfoOneofCase.CanceledFailureInfo => new CanceledFailureException(readable, inner, payloadConverter),
            Failure.FailureInfoOneofCase.TimeoutFailureInfo => new TimeoutFailureException(readable, inner, payloadConverter),
            Failure.FailureInfoOneofCase.TerminatedFailureInfo => new TerminatedFailureException(readable, inner, details: null),
            Failure.FailureInfoOneofCase.ServerFailureInfo => new ServerFailureException(readable, inner),
            Failure.FailureInfoOneofCase.ActivityFailureInfo => new ActivityFailureException(readable, inner),
            Failure.FailureInfoOneofCase.ChildWorkflowExecutionFailureInfo => new ChildWorkflowFailureException(readable, inner),
            Failure.FailureInfoOneofCase.NexusOperationExecutionFailureInfo => new NexusOperationFailureException(readable, inner),
            _ => new FailureException(readable, inner),
        };
    }

    private Failure Describe(Exception exception, IPayloadConverter payloadConverter)
    {
        var failure = new Failure
        {
            Source = "DotNetSDK",
            Message = exception.Message,
            StackTrace = exception.StackTrace ?? string.Empty,
            Cause = exception.InnerException is { } cause ? ToFailure(cause, payloadConverter) : null,
        };
        switch (exception)
        {
            case ApplicationFailureException application:
                failure.ApplicationFailureInfo = new()
                {
                    Type = application.ErrorType ?? string.Empty,
                    NonRetryable = application.NonRetryable,
                    Details = Details(application.Details, payloadConverter),
                    NextRetryDelay = application.NextRetryDelay is { } delay
                        ? Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(delay)
                        : null,
                    Category = application.Category,
                };
                break;
            case CanceledFailureException canceled:
                failure.CanceledFailureInfo = new() { Details = Details(canceled.Details, payloadConverter) };
                break;
            default:
                failure.ApplicationFailureInfo = new() { Type = exception.GetType().Name };
                break;
        }

        return failure;
    }

    private static Api.Common.V1.Payloads? Details(IFailureDetails details, IPayloadConverter payloadConverter) => details switch
    {
        { Count: 0 } => null,
        OutboundFailureDetails outbound => new() { Payloads_ = { outbound.Details.Select(payloadConverter.ToPayload) } },
        InboundFailureDetails inbound => new() { Payloads_ = { inbound.Payloads } },
        _ => throw new ArgumentException($"Unexpected failure details {details.GetType()}", nameof(details)),
    };

    // What cannot be read stays as it is: a failure that hides its message is better than none.
    private static Failure WithReadableAttributes(Failure failure, IPayloadConverter payloadConverter)
    {
        if (failure.EncodedAttributes is null)
        {
            return failure;
        }

        Dictionary<string, string>? attributes;
        try
        {
            attributes = payloadConverter.ToValue<Dictionary<string, string>>(failure.EncodedAttributes);
        }
        catch (Exception)
        {
            return failure;
        }

        var readable = failure.Clone();
        readable.Message = attributes?.GetValueOrDefault(MessageAttribute) ?? failure.Message;
        readable.StackTrace = attributes?.GetValueOrDefault(StackTraceAttribute) ?? failure.StackTrace;
        readable.EncodedAttributes = null;
        return readable;
    }

    /// <summary>A converter that moves message and stack trace into a payload.</summary>
    public class WithEncodedCommonAttributes : DefaultFailureConverter
    {
        /// <summary>Makes one.</summary>
        public WithEncodedCommonAttributes()
            : base(new DefaultFailureConverterOptions { EncodeCommonAttributes = true })
        {
        }
    }
}
