using Onramp.Bench;

return await Verb.RunAsync(
    [
        ServicesBench.Verb, StoreBench.Verb, VisibilityBench.Verb, WorkflowBench.Verb, RetentionBench.Verb, WaitingBench.Verb, StormBench.Verb, StartBench.Verb, ServeCommand.Verb,
    ],
    args);
