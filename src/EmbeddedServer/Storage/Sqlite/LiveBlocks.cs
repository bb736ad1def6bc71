namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Says where live runs are, within the writer's transaction: a block of runs with neighbouring numbers has a row for as long as one of them is
/// live (and perhaps a little longer), so that most runs begin and end without a word here.
/// </summary>
internal sealed class LiveBlocks(Database database, long lastRun)
{
    private long _newest = BlockOf(lastRun);

    /// <summary>A run is live from now on.</summary>
    public void Opened(long run)
    {
        var block = BlockOf(run);
        database.Prepare("INSERT OR IGNORE INTO live_blocks (block) VALUES (?)").Bind(block).Run();
        if (block > _newest)
        {
            // All of its runs may have ended while new ones were still to come.
            ForgetIfDead(_newest);
            _newest = block;
        }
    }

    /// <summary>A run is not live any more, and stored so. The newest block gets more runs soon: it stays.</summary>
    public void Closed(long run)
    {
        if (BlockOf(run) != _newest)
        {
            ForgetIfDead(BlockOf(run));
        }
    }

    private static long BlockOf(long run) => run / Schema.RunsPerBlock;

    private void ForgetIfDead(long block) => database.Prepare(
            """
            DELETE FROM live_blocks WHERE block = ?1
              AND NOT EXISTS (SELECT 1 FROM executions WHERE number >= ?1 * ?2 AND number < (?1 + 1) * ?2 AND live = 1)
            """)
        .Bind(block).Bind(Schema.RunsPerBlock).Run();
}
