using SQLitePCL;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>A prepared statement. Parameters are bound in order with <c>Bind</c>; columns are read by position.</summary>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    private int _parameter;

    public Statement Bind(long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, ++_parameter, value));
        return this;
    }

    public Statement Bind(long? value) => value is { } present ? Bind(present) : BindNull();

    public Statement Bind(double value)
    {
        database.Check(raw.sqlite3_bind_double(handle, ++_parameter, value));
        return this;
    }

    public Statement Bind(string? value)
    {
        if (value is null)
        {
            return BindNull();
        }

        database.Check(raw.sqlite3_bind_text(handle, ++_parameter, value));
        return this;
    }

    /// <summary>A null array is NULL, an empty one an empty blob.</summary>
    public Statement Bind(byte[]? value)
    {
        if (value is null)
        {
            return BindNull();
        }

        ++_parameter;
        database.Check(value.Length == 0
            ? raw.sqlite3_bind_zeroblob(handle, _parameter, 0)
            : raw.sqlite3_bind_blob(handle, _parameter, value.AsSpan()));
        return this;
    }

    /// <summary>Binds a <see cref="long"/>, <see cref="double"/> or <see cref="string"/>.</summary>
    public Statement BindValue(object value) => value switch
    {
        long integer => Bind(integer),
        double real => Bind(real),
        string text => Bind(text),
        _ => throw new ArgumentException($"no column holds a {value.GetType().Name}", nameof(value)),
    };

    public Statement BindNull()
    {
        database.Check(raw.sqlite3_bind_null(handle, ++_parameter));
        return this;
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(handle);
        switch (result)
        {
            case raw.SQLITE_ROW:
                return true;
            case raw.SQLITE_DONE:
                Reset();
                return false;
            default:
                var error = database.Error(result);
                Reset();
                throw error;
        }
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Ends the reading of rows (and with it the read transaction) and starts binding anew.</summary>
    public void Reset()
    {
        _ = raw.sqlite3_reset(handle);
        _parameter = 0;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public byte[]? BlobOrNull(int column) => IsNull(column) ? null : Blob(column);

    public void Dispose() => handle.Dispose();
}
