namespace Temporalio.Runtime;
public sealed class TemporalRuntime { public static TemporalRuntime Default { get; } = new(); }
