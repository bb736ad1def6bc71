using System.Diagnostics.Metrics;

namespace Onramp.EmbeddedServer.Storage.Sqlite;

/// <summary>What can be measured of a store, on the meter <c>Onramp.EmbeddedServer</c>.</summary>
internal sealed class StoreMetrics : IDisposable
{
    public const string MeterName = "Onramp.EmbeddedServer";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _size;
    private readonly Counter<long> _pages;

    /// <param name="logBytes">Bytes of the write-ahead log that are not in the file yet.</param>
    public StoreMetrics(Func<long> logBytes)
    {
        _duration = _meter.CreateHistogram<double>("onramp.server.store.commit.duration", "s", "Time that a transaction took to be on disk");
        _size = _meter.CreateHistogram<int>("onramp.server.store.commit.size", "{decision}", "Decisions that shared a transaction");
        _pages = _meter.CreateCounter<long>("onramp.server.store.pages", "{page}", "Pages appended to the write-ahead log");
        _meter.CreateObservableGauge("onramp.server.store.wal.size", logBytes, "By", "Bytes of the write-ahead log that are not in the data file yet");
    }

    public void Committed(int decisions, TimeSpan elapsed, long pages)
    {
        _duration.Record(elapsed.TotalSeconds);
        _size.Record(decisions);
        _pages.Add(pages);
    }

    public void Dispose() => _meter.Dispose();
}
