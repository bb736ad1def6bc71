namespace Onramp.EmbeddedServer.Transport;

/// <summary>How far the server answers a call as Temporal's does. The guide's table of calls says the same, call by call.</summary>
/// <param name="Kind">Whether it does at all.</param>
/// <param name="Missing">What it leaves out, for those who look whether they can do without; only of what works partly.</param>
internal sealed record CallSupport(CallSupport.Level Kind, string? Missing = null)
{
    public static readonly CallSupport Works = new(Level.Works);

    public static readonly CallSupport Refused = new(Level.Refused);

    public static CallSupport Partly(string missing) => new(Level.Partly, missing);

    /// <summary>In the guide's words.</summary>
    public enum Level
    {
        Works,
        Partly,
        Refused,
    }
}
