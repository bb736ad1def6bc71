namespace Onramp.EmbeddedServer.Batches;

/// <summary>What batch operations may take, and how fast they go.</summary>
internal static class BatchLimits
{
    /// <summary>The longest name of a signal.</summary>
    public const int NameBytes = 1_000;

    /// <summary>How many a second when the caller doesn't say.</summary>
    public const double OperationsPerSecondDefault = 50;

    public const double OperationsPerSecondMaximum = 1_000;

    /// <summary>Batch operations of a namespace that may run at once.</summary>
    public const int RunningPerNamespace = 10;

    /// <summary>Workflows that are put in line by one commit.</summary>
    public const int CollectedPerStep = 1_000;

    /// <summary>Workflows between two commits of how far it has come.</summary>
    public const int TargetsPerStep = 100;

    /// <summary>Workflows that are worked on at the same time, so that they share commits.</summary>
    public const int AtOnce = 16;

    /// <summary>Tries for one workflow when the server is to blame.</summary>
    public const int Tries = 5;
}
