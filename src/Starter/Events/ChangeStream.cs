using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Onramp.Starter.Services.Preview;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;

namespace Onramp.Starter.Events;

/// <summary>Body of the last event of a change.</summary>
public sealed record ChangeEnded(ChangeOutcome Outcome, string Message, string? Remediation, IReadOnlyList<string> Left);

/// <summary>
/// Follows one change. Its events are numbered by its workflow, so the number is all that a listener has to remember: it goes on at any starter.
/// </summary>
internal sealed partial class ChangeStream(PreviewReader reader, HistoryFollower follower, StarterOptions options, ILogger<ChangeStream> logger)
{
    public const string Happened = "happened";
    public const string End = "end";

    /// <summary>Yields every event after the one seen, and null after a silence of <see cref="StarterOptions.EventKeepAlive"/>; ends with the change.</summary>
    public async IAsyncEnumerable<ServiceEvent?> FollowAsync(
        string service, string changeId, ChangeView first, int seen, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wakeUps = HistoryFollower.WakeUps();
        var following = first.Outcome == ChangeOutcome.None ? follower.FollowAsync(Ids.Change(service, changeId), runId: null, wakeUps.Writer, stop.Token) : Task.CompletedTask;
        try
        {
            var view = first;
            var lastSent = options.TimeProvider.GetTimestamp();
            while (true)
            {
                foreach (var happened in view.Events.Where(e => e.Number > seen))
                {
                    seen = happened.Number;
                    lastSent = options.TimeProvider.GetTimestamp();
                    yield return new ServiceEvent(Happened, Id(seen), happened);
                }
                if (view.Outcome != ChangeOutcome.None)
                {
                    yield return new ServiceEvent(End, Id(seen), new ChangeEnded(view.Outcome, view.Message, view.Remediation, view.Left));
                    yield break;
                }
                if (options.TimeProvider.GetElapsedTime(lastSent) >= options.EventKeepAlive)
                {
                    lastSent = options.TimeProvider.GetTimestamp();
                    yield return null;
                }
                await follower.WaitAsync(wakeUps.Reader, cancellationToken);
                view = await LookAsync(service, changeId, view, cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Id(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What is now; while Temporal can't be asked, what was seen last stays true.</summary>
    private async Task<ChangeView> LookAsync(string service, string changeId, ChangeView last, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.GetChangeAsync(service, changeId, cancellationToken);
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoLook(e, changeId);
            return last;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Change {Id} could not be read; trying again")]
    private partial void LogNoLook(Exception exception, string id);
}
