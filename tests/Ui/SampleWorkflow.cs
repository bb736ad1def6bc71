using Temporalio.Workflows;

namespace Onramp.Ui.Tests;

/// <summary>A run that does what onboarding doesn't: it has a child, takes updates and queries with arguments, and says in Markdown where it stands.</summary>
[Workflow]
public sealed class SampleWorkflow
{
    public const string TaskQueue = "ui-samples";

    /// <summary>What a run may say that was told things by others: a table, and what must not get into a page.</summary>
    private const string Details = """
        | step | state |
        | --- | --- |
        | **vault** | [made](https://portal.example/vault) |

        <img src="http://evil.example/pixel.png"><script>document.title = 'taken'</script>

        ![pixel](http://evil.example/pixel.png) [run](javascript:document.title='taken')
        """;

    private string greeting = "";
    private bool isDone;

    [WorkflowRun]
    public async Task<string> RunAsync(bool hasChild)
    {
        Workflow.CurrentDetails = Details;
        if (hasChild)
        {
            await Workflow.StartChildWorkflowAsync(
                (SampleWorkflow child) => child.RunAsync(false), new ChildWorkflowOptions { Id = Workflow.Info.WorkflowId + "-child", StaticSummary = "what it leaves to others" });
        }

        await Workflow.WaitConditionAsync(() => isDone);
        return greeting;
    }

    [WorkflowUpdate("greet", Description = "Sets whom to greet")]
    public async Task<string> GreetAsync(string name)
    {
        await Workflow.DelayAsync(TimeSpan.FromMilliseconds(1));
        greeting = "hello " + name;
        return greeting;
    }

    [WorkflowQuery("echo", Description = "Gives back what it is asked with")]
    public string Echo(string text) => text + "!";

    [WorkflowSignal("finish", Description = "Ends the run")]
    public Task FinishAsync()
    {
        isDone = true;
        return Task.CompletedTask;
    }
}
