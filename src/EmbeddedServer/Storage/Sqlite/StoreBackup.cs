using Microsoft.Data.Sqlite;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Copies a data file, also while a server works on it: the copy is the file as of one moment, all that was acknowledged before included. A copy
/// is a data file like any other; to restore one is to start a server on it.
/// </summary>
public static class StoreBackup
{
    /// <summary>Writes the copy beside its place, checks it, and only then puts it there.</summary>
    /// <param name="overwrite">Replaces what is there. Without it that is refused, so that no backup is lost by a slip.</param>
    /// <exception cref="StoreOpenException">
    /// No such file, not one of this server's, or damaged; or there is something in the copy's place (that a server is using, or at all).
    /// </exception>
    public static void Copy(string from, string to, bool overwrite)
    {
        if (!File.Exists(from))
        {
            throw new StoreOpenException($"There is no file '{from}'.");
        }

        if (Path.GetFullPath(from) == Path.GetFullPath(to))
        {
            throw new StoreOpenException($"'{to}' is the file itself.");
        }

        if (!overwrite && File.Exists(to))
        {
            throw new StoreOpenException($"There is a file '{to}' already.");
        }

        // Nobody else may be using what is replaced, nor begin to.
        using var place = StoreLock.Acquire(to);
        var unfinished = $"{to}.unfinished";
        try
        {
            DeleteWithLog(unfinished);
            Write(from, unfinished);
            Check(unfinished, from);
            Sync(unfinished);

            // A log that belonged to what was there must not meet the copy.
            DeleteLog(to);
            File.Move(unfinished, to, overwrite);
        }
        catch (SqliteException exception)
        {
            throw new StoreOpenException($"'{from}' can't be copied to '{to}': {exception.Message}", exception);
        }
        finally
        {
            DeleteWithLog(unfinished);
        }
    }

    private static void Write(string from, string to)
    {
        using var source = Open(from, SqliteOpenMode.ReadOnly);
        using var destination = Open(to, SqliteOpenMode.ReadWriteCreate);
        source.BackupDatabase(destination);
    }

    private static void Check(string copy, string from)
    {
        using var connection = Open(copy, SqliteOpenMode.ReadWrite);
        if (Read(connection, "PRAGMA application_id") != $"{Schema.ApplicationId}")
        {
            throw new StoreOpenException($"'{from}' is a SQLite database, but not one of this server.");
        }

        if (Read(connection, "PRAGMA integrity_check(1)") is not "ok" and var damage)
        {
            throw new StoreOpenException($"'{from}' is damaged: {damage}");
        }
    }

    private static string? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Sync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        file.Flush(flushToDisk: true);
    }

    private static void DeleteWithLog(string path)
    {
        File.Delete(path);
        DeleteLog(path);
    }

    private static void DeleteLog(string path)
    {
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
    }
}
