using Onramp.Workflows.Display;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Onramp.Workflows.Changes;

/// <summary>
/// A hold on all applying, as one change knows it: looked for before it applies, told by signal while it does. Whoever waits for its end looks again now and then, so that a
/// word that went astray holds nobody for ever.
/// </summary>
internal sealed class ChangeHold(ChangeState state, ChangeCalls calls)
{
    private static readonly TimeSpan LookAgainFirst = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainMaximum = TimeSpan.FromMinutes(10);

    private bool watched;

    public bool IsOn => state.Held is not null;

    /// <summary>Told, or seen: held, released, or nothing there.</summary>
    public void Take(Hold? hold)
    {
        var now = hold is { ReleasedBy: null } ? hold : null;
        if (now is null == state.Held is null)
            return;
        state.Say(now is null ? "Applying goes on" : $"All applying is held: {now.Reason}", now?.By.Name ?? hold?.ReleasedBy?.Name);
        state.Held = now;
        state.Runner?.Hold(IsOn);
    }

    /// <summary>Sees to it that the end of a hold isn't missed while the plan is applied or undone.</summary>
    public void Watch()
    {
        if (!watched && IsOn)
            _ = WatchAsync();
    }

    /// <summary>Waits until nobody holds applying any more.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (var wait = LookAgainFirst; IsOn; wait = wait * 2 < LookAgainMaximum ? wait * 2 : LookAgainMaximum)
        {
            if (!await Waits.UntilAsync(() => !IsOn, wait, "Look again whether applying is held", cancellationToken))
                Take(await calls.LookForHoldAsync(cancellationToken));
        }
    }

    private async Task WatchAsync()
    {
        watched = true;
        try
        {
            await WaitAsync(CancellationToken.None);
        }
        catch (FailureException e)
        {
            state.Say($"Whether applying is held can't be seen: {e.Message}");
        }
        watched = false;
    }
}
