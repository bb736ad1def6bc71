using Onramp.EmbeddedServer.Storage;

namespace Onramp.EmbeddedServer.Matching;

/// <summary>
/// The tasks of a queue that are in the store only, because it holds as many as it may: how many about, and how far the store has been
/// searched for them. They are found by looking at all open runs in turn, again and again, until nothing is left. Not thread safe: its
/// queue's lock guards it.
/// </summary>
internal sealed class Overflow
{
    private bool grewMeanwhile;
    private bool foundAny;

    /// <summary>How many tasks, about. Never zero while there may be one.</summary>
    public long Count { get; private set; }

    /// <summary>Where to look on.</summary>
    public long Place { get; private set; } = WaitingPage.Start;

    /// <summary>Somebody is looking.</summary>
    public bool IsSearched { get; set; }

    /// <summary>One more task stays in the store.</summary>
    public void Grow(long by = 1)
    {
        Count += by;
        grewMeanwhile = true;
    }

    /// <summary>So many were found where was looked; the next look begins at <paramref name="next"/>, null for anew.</summary>
    public void Found(int count, long? next)
    {
        Count = Math.Max(1, Count - count);
        foundAny |= count > 0;
        Place = next ?? WaitingPage.Start;
        if (next is not null)
        {
            return;
        }

        if (!foundAny && !grewMeanwhile)
        {
            Count = 0;
        }

        foundAny = false;
        grewMeanwhile = false;
    }
}
