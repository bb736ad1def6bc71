using Google.Protobuf.WellKnownTypes;

namespace Onramp.EmbeddedServer.Schedules;

/// <summary>Temporal's own numbers for schedules, and what one decision may hold.</summary>
internal static class ScheduleLimits
{
    /// <summary>Actions that may wait for their turn; more are dropped, and counted.</summary>
    public const int BufferedActions = 1_000;

    public const int RecentActions = 10;

    public const int FutureTimes = 10;

    /// <summary>Recent actions and future times of an entry in a list.</summary>
    public const int ListedTimes = 5;

    /// <summary>Calendars, excluded ones and intervals each that an entry in a list shows.</summary>
    public const int ListedSpecs = 10;

    public const int MatchingTimes = 1_000;

    public const int NotesBytes = 1_000;

    /// <summary>Ranges to backfill that may wait.</summary>
    public const int Backfills = 100;

    /// <summary>Times that one decision goes through: what a long downtime has left is caught up step by step.</summary>
    public const int TimesPerDecision = 10_000;

    /// <summary>Starts that one decision asks for: each message holds the action's whole input.</summary>
    public const int StartsPerDecision = 10;

    /// <summary>Starts that were asked for and are not answered; others wait in the buffer.</summary>
    public const int StartsUnderWay = 100;

    public static readonly TimeSpan CatchupWindowDefault = TimeSpan.FromDays(365);

    /// <summary>As long as Go's durations become.</summary>
    public static readonly Duration LongestCatchupWindow = new() { Seconds = 9_223_372_036, Nanos = 854_775_807 };

    public static readonly TimeSpan CatchupWindowMinimum = TimeSpan.FromSeconds(10);

    /// <summary>How long it is remembered that there was a schedule of this id.</summary>
    public static readonly TimeSpan DeletedRetention = TimeSpan.FromDays(1);

    /// <summary>How long a schedule is kept that has nothing left to do.</summary>
    public static readonly TimeSpan IdleRetention = TimeSpan.FromDays(7);
}
