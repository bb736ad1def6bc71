using System.Globalization;
using Onramp.EmbeddedServer.Storage.Sqlite;

namespace Onramp.Bench;

/// <summary>What was asked for on the command line: <c>--name value</c> pairs.</summary>
internal sealed class Arguments
{
    private const string UsageText =
        """
        usage: Onramp.Bench services    [--services N] [--seconds S] [--seed N] [--data FILE|:memory:]
               Onramp.Bench store       [--commits N] [--data FILE|:memory:]
               Onramp.Bench visibility  [--runs N] [--data FILE|:memory:]
               Onramp.Bench workflows   [--workflows N] [--concurrency C] [--warmup N] [--idle N] [--repeat N] [--data FILE|:memory:]
               Onramp.Bench retention   [--runs N] [--data FILE]
               Onramp.Bench waiting     [--runs N] [--for task|timer] [--data FILE]
               Onramp.Bench storm       [--workflows N] [--seconds S] [--seed N] [--data FILE]
               Onramp.Bench serve       [--port N] [--http-port N] [--data FILE|:memory:]

        Without --data a file in a temporary folder is used, synced at every commit.
        """;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public static Arguments Parse(string[] arguments)
    {
        var parsed = new Arguments();
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            parsed._values[arguments[i].TrimStart('-')] = arguments[i + 1];
        }

        return parsed;
    }

    public static int Usage()
    {
        Console.Error.WriteLine(UsageText);
        return 2;
    }

    public int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public string? Text(string name) => _values.GetValueOrDefault(name);
}

/// <summary>Where a measurement keeps its data: what was asked for, or a file of its own that is deleted at the end.</summary>
internal sealed class DataPlace : IDisposable
{
    private readonly DirectoryInfo? _folder;

    public DataPlace(string? asked)
    {
        if (asked is null)
        {
            _folder = Directory.CreateTempSubdirectory("onramp-bench-");
        }

        Path = asked ?? System.IO.Path.Combine(_folder!.FullName, "bench.db");
    }

    public string Path { get; }

    public string Describe(SynchronousMode mode) => Path == SqliteStoreOptions.InMemory
        ? "in memory, nothing to sync"
        : $"file, synchronous={mode.ToString().ToUpperInvariant()}";

    public void Dispose() => _folder?.Delete(recursive: true);
}
