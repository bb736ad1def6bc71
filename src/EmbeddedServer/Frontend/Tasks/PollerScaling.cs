using Temporalio.Api.TaskQueue.V1;

namespace Onramp.EmbeddedServer.Frontend.Tasks;

/// <summary>
/// What a poll's answer says to a worker that chooses itself how many polls it makes: fewer when they wait for tasks, more when tasks wait for
/// them. A poll that got none says nothing: some workers take any answer that isn't empty for a task.
/// </summary>
internal readonly struct PollerScaling(TimeProvider wallClock)
{
    /// <summary>A poll that waits so long is one too many.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(1);

    private readonly long began = wallClock.GetTimestamp();

    /// <summary>Of a poll that got a task; null when the number is right.</summary>
    /// <param name="backlog">How many other tasks wait.</param>
    public PollerScalingDecision? Decide(long backlog)
    {
        if (wallClock.GetElapsedTime(began) >= LongWait)
        {
            return new PollerScalingDecision { PollRequestDeltaSuggestion = -1 };
        }

        return backlog > 0 ? new PollerScalingDecision { PollRequestDeltaSuggestion = 1 } : null;
    }
}
