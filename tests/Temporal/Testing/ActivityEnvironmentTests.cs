using Temporalio.Activities;
using Temporalio.Testing;

namespace Temporalio.Tests.Testing;

public class ActivityEnvironmentTests
{
    [Fact]
    public async Task An_activity_runs_in_a_context_that_ends_with_it()
    {
        var heartbeats = new List<object?>();
        var environment = new ActivityEnvironment
        {
            Info = ActivityEnvironment.DefaultInfo with { ActivityType = "mine" },
            Heartbeater = details => heartbeats.AddRange(details),
        };

        var type = await environment.RunAsync(async () =>
        {
            await Task.Yield();
            ActivityExecutionContext.Current.Heartbeat(1, "two");
            return ActivityExecutionContext.Current.Info.ActivityType;
        });

        type.ShouldBe("mine");
        heartbeats.ShouldBe([1, "two"]);
        ActivityExecutionContext.HasCurrent.ShouldBeFalse();
    }

    [Fact]
    public async Task An_activity_is_cancelled_with_a_reason()
    {
        var environment = new ActivityEnvironment();
        var running = environment.RunAsync(async () =>
        {
            var context = ActivityExecutionContext.Current;
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            catch (OperationCanceledException)
            {
                return (context.CancelReason, context.CancellationDetails!.IsPaused);
            }

            return default;
        });

        environment.Cancel(ActivityCancelReason.Paused);

        (await running).ShouldBe((ActivityCancelReason.Paused, true));
    }

    [Fact]
    public async Task What_an_activity_throws_comes_out()
    {
        var environment = new ActivityEnvironment();

        await Should.ThrowAsync<InvalidOperationException>(() => environment.RunAsync(() => ThrowAsync()));
        Should.Throw<InvalidOperationException>(() => ActivityExecutionContext.Current);

        static Task ThrowAsync() => throw new InvalidOperationException();
    }
}
