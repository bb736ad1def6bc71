using System.Globalization;

namespace Onramp.Bench;

/// <summary>What this process has caused to be written to disks, as Linux counts it.</summary>
internal static class DiskWrites
{
    private const string Counter = "write_bytes: ";

    /// <summary>Since the process began; null where nobody counts.</summary>
    public static long? Bytes() => File.Exists("/proc/self/io")
        ? long.Parse(File.ReadLines("/proc/self/io").Single(line => line.StartsWith(Counter, StringComparison.Ordinal))[Counter.Length..], CultureInfo.InvariantCulture)
        : null;
}
