using System.Diagnostics;

namespace Temporalio.Worker.Instance;

/// <content>Where the code waits, if the worker notes that.</content>
internal sealed partial class WorkflowInstance
{
    /// <summary>Frames of this class and of the async machinery between the code and its wait.</summary>
    private const int FramesToSkip = 2;

    private readonly LinkedList<StackTrace> waits = new();

    /// <summary>Tells where all coroutines wait.</summary>
    internal string CurrentStackTrace() => string.Join("\n\n", waits.Select(trace => Readable(trace)).Where(text => text.Length > 0));

    private static string Readable(StackTrace trace) => string.Join('\n', trace.GetFrames()
        .TakeWhile(frame => frame.GetMethod()?.DeclaringType != typeof(TaskScheduler))
        .Where(frame => frame.GetMethod()?.DeclaringType?.Namespace is not { } name
            || !(name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Temporalio.Worker", StringComparison.Ordinal)))
        .Select(frame => frame.ToString().TrimEnd()));

    /// <summary>Notes that the code waits here, until the result is disposed.</summary>
    private Wait NoteWait() => settings.StackTrace == WorkflowStackTrace.None
        ? default
        : new(waits, waits.AddLast(new StackTrace(FramesToSkip, settings.StackTrace == WorkflowStackTrace.Normal)));

    private readonly struct Wait(LinkedList<StackTrace>? waits, LinkedListNode<StackTrace> node) : IDisposable
    {
        public void Dispose() => waits?.Remove(node);
    }
}
