using Onramp.Bench;

return args switch
{
    ["services", .. var rest] => await ServicesBench.RunAsync(Arguments.Parse(rest)),
    ["store", .. var rest] => await StoreBench.RunAsync(Arguments.Parse(rest)),
    ["visibility", .. var rest] => await VisibilityBench.RunAsync(Arguments.Parse(rest)),
    ["workflows", .. var rest] => await WorkflowBench.RunAsync(Arguments.Parse(rest)),
    ["retention", .. var rest] => await RetentionBench.RunAsync(Arguments.Parse(rest)),
    ["waiting", .. var rest] => await WaitingBench.RunAsync(Arguments.Parse(rest)),
    ["storm", .. var rest] => await StormBench.RunAsync(Arguments.Parse(rest)),
    ["serve", .. var rest] => await ServeCommand.RunAsync(Arguments.Parse(rest)),
    _ => Arguments.Usage(),
};
