namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>
/// Keeps a second process from the file. The operating system holds the lock, so a killed process leaves none behind.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="StoreOpenException">Another process (or another store of this one) has it.</exception>
    public static StoreLock Acquire(string path)
    {
        var lockPath = path + "-lock";
        try
        {
            return new StoreLock(new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new StoreOpenException($"The folder of '{path}' does not exist.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StoreOpenException($"No permission to write '{lockPath}'.", exception);
        }
        catch (IOException exception)
        {
            throw new StoreOpenException($"'{path}' is in use by another process.", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
