using Onramp.Workflows.Contracts;

namespace Onramp.Activities.Common;

/// <summary>Short forms for what steps answer.</summary>
internal static class StepResults
{
    public static readonly UndoResult Undone = new();

    public static StepResult Done(StepResource resource, string? link = null, params (string Name, string Value)[] facts) =>
        Done([resource], link, facts);

    public static StepResult Done(IReadOnlyList<StepResource> resources, string? link = null, params (string Name, string Value)[] facts) => new()
    {
        Resources = resources,
        Link = link,
        Facts = Facts(facts),
        Attempt = StepActivity.Attempt,
    };

    public static StepResult NotReady(string waitingFor, IReadOnlyList<StepResource>? resources = null, params (string Name, string Value)[] facts) => new()
    {
        Ready = false,
        WaitingFor = waitingFor,
        Resources = resources ?? [],
        Facts = Facts(facts),
        Attempt = StepActivity.Attempt,
    };

    /// <summary>What was found before anything is changed; the workflow keeps it and asks again at once.</summary>
    public static StepResult Found(string fact, bool present) =>
        NotReady("a first look", null, (fact, present ? "present" : "absent")) with { Immediately = true };

    public static UndoResult Removing(string what) => new(Ready: false, WaitingFor: $"the removal of {what}");

    private static Dictionary<string, string> Facts((string Name, string Value)[] facts) =>
        facts.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal);
}
