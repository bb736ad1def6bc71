namespace Onramp.EmbeddedServer.History.Workflows;

/// <summary>A workflow whose tasks keep failing can be found by a search attribute, until one succeeds.</summary>
internal static class ReportedProblems
{
    private const string Attribute = "TemporalReportedProblems";
    private const int FailuresInARow = 5;

    public static void Report(ExecutionTransaction tx, string category, string cause)
    {
        if (tx.State.Task.FailuresInARow >= FailuresInARow)
        {
            ServerAttributes.Set(tx, Attribute, [$"category={category}", $"cause={cause}"]);
        }
    }

    public static void Clear(ExecutionTransaction tx) => ServerAttributes.Set(tx, Attribute, []);
}
