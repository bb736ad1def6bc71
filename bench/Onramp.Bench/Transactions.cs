using System.Diagnostics.Metrics;

namespace Onramp.Bench;

/// <summary>Listens to what the store of this process tells of its transactions.</summary>
internal sealed class Transactions : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;
    private long _decisions;
    private long _pages;

    public Transactions()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "onramp.server.store.commit.size" or "onramp.server.store.pages")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, decisions, _, _) =>
        {
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _decisions, decisions);
        });
        _listener.SetMeasurementEventCallback<long>((_, pages, _, _) => Interlocked.Add(ref _pages, pages));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    /// <summary>How many decisions shared one, on average.</summary>
    public double DecisionsEach => Count == 0 ? 0 : (double)Interlocked.Read(ref _decisions) / Count;

    public long Pages => Interlocked.Read(ref _pages);

    public void Dispose() => _listener.Dispose();
}
