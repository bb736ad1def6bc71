namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>What SQLite answered to a call that failed.</summary>
internal sealed class SqliteError(int resultCode, string message) : Exception($"SQLite error {resultCode}: {message}")
{
    private const int PrimaryCodeMask = 0xff;
    private const int Busy = 5;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;

    /// <summary>The primary result code.</summary>
    public int ResultCode { get; } = resultCode & PrimaryCodeMask;

    /// <summary>Whether only the data of the statement is at fault: the database is as sound as before.</summary>
    public bool IsOfStatement => ResultCode is TooBig or Constraint or Mismatch;

    public bool IsBusy => ResultCode == Busy;

    public bool IsNotADatabase => ResultCode == NotADatabase;
}
