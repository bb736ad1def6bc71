namespace Temporalio.Worker.Tuning;

/// <summary>How many polls a worker has under way at once.</summary>
public abstract class PollerBehavior
{
    private PollerBehavior()
    {
    }

    /// <summary>A fixed number.</summary>
    public sealed class SimpleMaximum : PollerBehavior
    {
        /// <summary>Polls with a number of pollers.</summary>
        /// <param name="maximum">How many, at least 1.</param>
        public SimpleMaximum(int maximum)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
            Maximum = maximum;
        }

        /// <summary>Gets the number.</summary>
        public int Maximum { get; }
    }
}
