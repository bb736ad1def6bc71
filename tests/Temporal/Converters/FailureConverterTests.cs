using System.Text;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Converters;

public class FailureConverterTests
{
    private static readonly DataConverter Plain = DataConverter.Default;

    private static readonly DataConverter Secret = Plain with
    {
        FailureConverter = new DefaultFailureConverter.WithEncodedCommonAttributes(),
        PayloadCodec = new ReversingCodec(),
    };

    [Fact]
    public async Task An_application_failure_keeps_everything()
    {
        var exception = new ApplicationFailureException(
            "outer",
            new InvalidOperationException("inner"),
            errorType: "Odd",
            nonRetryable: true,
            details: [42, "more"],
            nextRetryDelay: TimeSpan.FromSeconds(3),
            category: ApplicationErrorCategory.Benign);

        var back = (await RoundTripAsync(Plain, exception)).ShouldBeOfType<ApplicationFailureException>();

        back.Message.ShouldBe("outer");
        back.ErrorType.ShouldBe("Odd");
        back.NonRetryable.ShouldBeTrue();
        back.Details.Count.ShouldBe(2);
        back.Details.ElementAt<int>(0).ShouldBe(42);
        back.Details.ElementAt<string>(1).ShouldBe("more");
        back.NextRetryDelay.ShouldBe(TimeSpan.FromSeconds(3));
        back.Category.ShouldBe(ApplicationErrorCategory.Benign);
        var inner = back.InnerException.ShouldBeOfType<ApplicationFailureException>();
        inner.Message.ShouldBe("inner");
        inner.ErrorType.ShouldBe(nameof(InvalidOperationException));
    }

    [Fact]
    public async Task A_cancellation_stays_a_cancellation()
    {
        var back = (await RoundTripAsync(Plain, new CanceledFailureException("stop", details: ["why"]))).ShouldBeOfType<CanceledFailureException>();

        back.Details.ElementAt<string>(0).ShouldBe("why");
        TemporalException.IsCanceledException(back).ShouldBeTrue();
    }

    [Fact]
    public async Task A_thrown_exception_keeps_its_stack_trace()
    {
        var thrown = Should.Throw<InvalidOperationException>(Throw);

        var back = await RoundTripAsync(Plain, thrown);

        back.StackTrace.ShouldBe(thrown.StackTrace);
        back.StackTrace!.ShouldContain(nameof(Throw));

        static void Throw() => throw new InvalidOperationException("thrown");
    }

    [Fact]
    public async Task Encoded_attributes_hide_message_and_details_from_the_server()
    {
        var exception = new ApplicationFailureException("secret message", new InvalidOperationException("secret cause"), details: ["secret detail"]);

        var failure = await Secret.ToFailureAsync(exception);

        failure.Message.ShouldBe("Encoded failure");
        failure.Cause.Message.ShouldBe("Encoded failure");
        Encoding.UTF8.GetString(failure.ToByteArray()).ShouldNotContain("secret");
        var back = (await Secret.ToExceptionAsync(failure)).ShouldBeOfType<ApplicationFailureException>();
        back.Message.ShouldBe("secret message");
        back.InnerException!.Message.ShouldBe("secret cause");
        back.Details.ElementAt<string>(0).ShouldBe("secret detail");
        failure.Message.ShouldBe("Encoded failure", "converting must not change the failure given");
    }

    [Fact]
    public async Task A_failure_whose_attributes_cannot_be_read_is_still_one()
    {
        var failure = await Secret.ToFailureAsync(new ApplicationFailureException("secret message"));

        var back = await Plain.ToExceptionAsync(failure);

        back.ShouldBeOfType<ApplicationFailureException>().Message.ShouldBe("Encoded failure");
    }

    [Theory]
    [InlineData(typeof(ActivityFailureException))]
    [InlineData(typeof(ChildWorkflowFailureException))]
    public async Task A_failed_step_caused_by_cancellation_counts_as_cancelled(Type type)
    {
        var cause = await Plain.ToFailureAsync(new CanceledFailureException("stop"));
        var failure = type == typeof(ActivityFailureException)
            ? new Api.Failure.V1.Failure { Cause = cause, ActivityFailureInfo = new() { ActivityType = new() { Name = "a" } } }
            : new Api.Failure.V1.Failure { Cause = cause, ChildWorkflowExecutionFailureInfo = new() { WorkflowExecution = new() } };

        var exception = await Plain.ToExceptionAsync(failure);

        exception.GetType().ShouldBe(type);
        TemporalException.IsCanceledException(exception).ShouldBeTrue();
        TemporalException.IsCanceledException(new InvalidOperationException()).ShouldBeFalse();
    }

    private static async Task<Exception> RoundTripAsync(DataConverter converter, Exception exception) =>
        await converter.ToExceptionAsync(Api.Failure.V1.Failure.Parser.ParseFrom((await converter.ToFailureAsync(exception)).ToByteArray()));

    private sealed class ReversingCodec : IPayloadCodec
    {
        public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(Reverse(payloads));

        public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(Reverse(payloads));

        private static IReadOnlyCollection<Payload> Reverse(IReadOnlyCollection<Payload> payloads) =>
            [.. payloads.Select(p => new Payload(p) { Data = ByteString.CopyFrom([.. p.Data.Reverse()]) })];
    }
}
