using Onramp.Starter.Http;
using Onramp.Workflows.Display;
using Onramp.Workflows.Services;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Services.Preview;

/// <summary>Holds all applying and releases it. A hold is a workflow: it holds, and is seen, without a worker.</summary>
internal sealed class PreviewHolds(ITemporalClient client, StarterOptions options)
{
    public const int MaxReasonLength = 200;

    /// <summary>The hold that is in force; null: nobody holds anything.</summary>
    public async Task<Hold?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var run = await client.GetWorkflowHandle(HoldContract.WorkflowId).DescribeAsync(new WorkflowDescribeOptions { Rpc = Rpc(cancellationToken) });
            return run.Status == WorkflowExecutionStatus.Running && run.Memo.TryGetValue(HoldContract.HoldMemo, out var memo) ? await memo.ToValueAsync<Hold>() : null;
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<ApplyingView> ApplyAsync(HoldBody body, Principal by, CancellationToken cancellationToken)
    {
        Check(body);
        return body.Verb == HoldBody.Hold ? await HoldAsync(body.Reason, by, cancellationToken) : await ReleaseAsync(by, cancellationToken);
    }

    private static void Check(HoldBody body)
    {
        if (body.Verb is not (HoldBody.Hold or HoldBody.Release))
            throw new ProblemException(Problems.Invalid("verb", body.Verb.Length == 0 ? "required" : "oneOf", $"verb must be {HoldBody.Hold} or {HoldBody.Release}"));
        if (body.Verb == HoldBody.Hold && (body.Reason.Trim().Length is 0 or > MaxReasonLength || body.Reason.Any(char.IsControl)))
            throw new ProblemException(Problems.Invalid("reason", body.Reason.Length == 0 ? "required" : "length", $"reason must be one line of at most {MaxReasonLength} characters"));
    }

    private static RpcOptions Rpc(CancellationToken cancellationToken) => new() { CancellationToken = cancellationToken };

    private static Problem Held(Hold hold) => Problems.Refused("held", hold.ReleasedBy is null
        ? $"{hold.By.Name} holds all applying already: {hold.Reason}"
        : "An earlier hold is just being released; try again shortly.");

    private async Task<ApplyingView> HoldAsync(string reason, Principal by, CancellationToken cancellationToken)
    {
        var hold = new Hold { By = by, At = options.TimeProvider.GetUtcNow(), Reason = reason.Trim() };
        try
        {
            await client.StartWorkflowAsync(HoldContract.WorkflowType, [hold], new WorkflowOptions(HoldContract.WorkflowId, ServiceContract.TaskQueue)
            {
                IdConflictPolicy = WorkflowIdConflictPolicy.Fail,
                StaticSummary = Markdown.Cut($"All applying is held by {Markdown.Escape(by.Name)}", Markdown.MaximumSummaryBytes),
                StaticDetails = Markdown.Escape(hold.Reason),
                Memo = new Dictionary<string, object>(StringComparer.Ordinal) { [HoldContract.HoldMemo] = hold },
                Rpc = Rpc(cancellationToken),
            });
        }
        catch (WorkflowAlreadyStartedException)
        {
            throw new ProblemException(Held(await FindAsync(cancellationToken) ?? hold with { ReleasedBy = by }));
        }
        return new ApplyingView { Held = hold };
    }

    /// <summary>Asked again it is no error: nobody holds anything then.</summary>
    private async Task<ApplyingView> ReleaseAsync(Principal by, CancellationToken cancellationToken)
    {
        try
        {
            await client.GetWorkflowHandle(HoldContract.WorkflowId).SignalAsync(HoldContract.ReleaseSignal, [by], new WorkflowSignalOptions { Rpc = Rpc(cancellationToken) });
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            // It was released before.
        }
        return new ApplyingView();
    }
}
