namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Moves pages from the end of the file into free ones, so that it becomes shorter with the next checkpoint. Some free pages are kept: new
/// runs need them soon.
/// </summary>
internal sealed class Shrinking(Database database, long keptPages) : WriteRequest
{
    /// <summary>A few milliseconds of the writer's time.</summary>
    private const int PagesAtOnce = 256;

    /// <summary>This part of the file may stay free.</summary>
    private const int KeptFraction = 16;

    /// <summary>Known once it is done.</summary>
    public bool HasMore { get; private set; }

    public override void Write(ExecutionWriter writer)
    {
        var free = database.ReadInteger("PRAGMA freelist_count");
        var kept = Math.Max(keptPages, database.ReadInteger("PRAGMA page_count") / KeptFraction);
        var given = Math.Min(PagesAtOnce, free - kept);
        if (given > 0)
        {
            database.Prepare($"PRAGMA incremental_vacuum({given})").Run();
        }

        HasMore = given == PagesAtOnce && database.ReadInteger("PRAGMA freelist_count") < free;
    }
}
