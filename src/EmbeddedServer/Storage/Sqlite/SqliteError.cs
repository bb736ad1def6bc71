namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>What SQLite answered to a call that failed.</summary>
internal sealed class SqliteError(int resultCode, string message) : Exception($"SQLite error {resultCode}: {message}")
{
    private const int PrimaryCodeMask = 0xff;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Interrupt = 9;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int Protocol = 15;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;
    private const int IoErrorFsync = IoError | (4 << 8);

    /// <summary>The primary result code.</summary>
    public int ResultCode { get; } = resultCode & PrimaryCodeMask;

    /// <summary>Whether only the data of the statement is at fault: the database is as sound as before.</summary>
    public bool IsOfStatement => ResultCode is TooBig or Constraint or Mismatch;

    /// <summary>Whether somebody else has the file locked, so that it helps to wait.</summary>
    public bool IsBusy => ResultCode is Busy or Locked or Protocol;

    /// <summary>Whether it was ended because its time was over.</summary>
    public bool IsInterrupted => ResultCode == Interrupt;

    public bool IsNotADatabase => ResultCode == NotADatabase;

    /// <summary>What happened, for people who look after the machine.</summary>
    public string Explanation => (ResultCode, resultCode) switch
    {
        (Full, _) => "the disk is full",
        (_, IoErrorFsync) => "the disk did not confirm what was written (fsync failed)",
        (IoError, _) => $"the disk reported an I/O error ({resultCode})",
        (ReadOnly, _) => "the file may not be written",
        (Corrupt or NotADatabase, _) => $"the file is damaged ({resultCode})",
        _ => Message,
    };
}
