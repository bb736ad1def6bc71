using System.ComponentModel.DataAnnotations;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Services;

namespace Onramp.Activities.Services;

/// <summary>How services live. Section <c>Onramp:Services</c>; a service keeps what it was started with until it starts anew.</summary>
public sealed class ServiceOptions
{
    public const string Section = "Onramp:Services";

    /// <summary>How long an environment stays quiet before it is removed. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Continue as new after so many changes. Default 0: when Temporal suggests it.</summary>
    [Range(0, 1000)]
    public int ContinueAfterChanges { get; set; }

    /// <summary>First wait until a change that the service's run hasn't started is looked at again. Default 1 minute, doubled up to an hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan LookAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often services are looked for whose workflow somebody stopped; they are started again. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>First wait for something under way. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>First wait after a removal or undo that failed. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan StuckRetry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>First wait until an activity is tried again. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Retry { get; set; } = TimeSpan.FromSeconds(1);

    public ServiceSettings ToSettings() => new()
    {
        Grace = Grace,
        ContinueAfterChanges = ContinueAfterChanges,
        LookAfter = LookAfter,
        Timing = new ChangeTiming { Poll = Poll, StuckRetry = StuckRetry, Retry = Retry },
    };
}
