using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Onramp.Starter.OpenApi;
using Onramp.Starter.Security;
using Onramp.Starter.Services.Preview;
using Onramp.Workflows.Changes;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Services;
using Temporalio.Exceptions;

namespace Onramp.Starter.Endpoints;

/// <summary>Services with environments and changes. A preview: it becomes v1 when everything else has moved.</summary>
internal static class PreviewEndpoints
{
    private const string NoPlan = "No worker has planned it in time; try again shortly.";

    public static void MapPreview(this IEndpointRouteBuilder routes)
    {
        var group = Group(routes, ApiPaths.Preview, "Services (preview)");
        group.MapPost("", OnboardAsync).WithName("previewOnboard").WithSummary("Ask for an environment of a service")
            .WithDescription("Durable once it is answered. The service's word comes with the answer if it comes soon (`accepted`); otherwise the request is `taken`, and "
                + "given to the service when a worker works. The same request under the same key is the same change, for ever.")
            .Refuses(Problems.Invalid("environment", "oneOf", $"environment must be one of {string.Join(", ", Vocabulary.Environments)}"))
            .Refuses(
                Problems.Refused(RequestRefusals.Exists, "orders is in staging already; configure it."),
                Problems.Refused(RequestRefusals.InFlight, "orders in staging is being onboarded by another request."),
                Problems.Refused(RequestRefusals.OtherTeam, "orders belongs to team payments."),
                Problems.Refused(RequestRefusals.Busy, "orders has 20 open changes; wait for one to end, or call one off."))
            .Shows(PreviewExamples.Onboard, PreviewExamples.ShortOnboard, PreviewExamples.Accepted);
        group.MapPost("plans", PlanAsync).WithName("previewPlan").WithSummary("What asking for it would do; nothing is started")
            .Refuses(Problems.Invalid("environment", "oneOf", $"environment must be one of {string.Join(", ", Vocabulary.Environments)}"), Problems.Unavailable(NoPlan))
            .Shows(PreviewExamples.Onboard, PreviewExamples.ShortOnboard, PreviewExamples.Plan);
        group.MapGet("", ListAsync).WithName("previewList").WithSummary("List services; the list is eventual").Shows(PreviewExamples.Page);
        MapService(group.MapGroup("{service}").Refuses(Problems.UnknownService(PreviewExamples.Service)).Shows(PreviewParameters.Service));
        MapApplying(Group(routes, ApiPaths.PreviewApplying, "Applying (preview)"));
    }

    private static RouteGroupBuilder Group(IEndpointRouteBuilder routes, string path, string tag) =>
        routes.MapGroup(path).WithTags(tag).WithGroupName(ApiDocument.Preview).RequireAuthorization().Shows(CommonParameters.CorrelationId)
            .Refuses(Problems.Unauthorized(missing: true), Problems.Unauthorized(missing: false))
            .Refuses(Problems.TooManyRequests(waitSeconds: 1))
            .Refuses(Problems.Unavailable("The Temporal server does not answer; try again shortly."));

    private static void MapService(RouteGroupBuilder service)
    {
        var badKind = Problems.Invalid("kind", "oneOf", $"kind must be one of {string.Join(", ", PreviewBodies.KindWords)}");
        service.MapGet("", GetAsync).WithName("previewGet").WithSummary("A service as it stands")
            .WithDescription("What the service has shown last; no worker is asked.")
            .Shows(PreviewExamples.Whole);
        service.MapGet("changes", ChangesAsync).WithName("previewChanges").WithSummary("Its open changes, and the last that ended").Shows(PreviewExamples.OpenAndEnded);
        service.MapPost("changes", ChangeAsync).WithName("previewChange").WithSummary("Configure, repair, offboard or restore")
            .WithDescription("As asking for an environment. Offboarding makes an environment quiet, and removes it when its grace is over; until then it can be restored.")
            .Refuses(badKind)
            .Refuses(
                Problems.Refused(RequestRefusals.Retiring, "orders in staging is being retired; restore it first."),
                Problems.Refused(RequestRefusals.NotRetiring, "orders in staging is not being retired."),
                Problems.Refused(RequestRefusals.InFlight, "orders in staging is still being onboarded; wait, or call that off."),
                Problems.Refused(RequestRefusals.Busy, "orders has 20 open changes; wait for one to end, or call one off."))
            .Shows([.. PreviewExamples.Changes, PreviewExamples.Accepted]);
        service.MapPost("plans", PlanChangeAsync).WithName("previewPlanChange").WithSummary("What a change would do; nothing is started")
            .Refuses(badKind, Problems.Unavailable(NoPlan))
            .Shows([.. PreviewExamples.Changes, PreviewExamples.Plan]);
        MapChange(service.MapGroup("changes/{changeId}").Refuses(Problems.UnknownChange(PreviewExamples.ChangeId)).Shows(PreviewParameters.ChangeId));
    }

    private static void MapChange(RouteGroupBuilder change)
    {
        change.MapGet("", GetChangeAsync).WithName("previewGetChange").WithSummary("Everything about one change")
            .WithDescription("Asks a worker while the change is under way; when none answers in time, what the change has shown last is told.")
            .Refuses(Problems.Unavailable("No worker has begun the change yet; try again shortly."))
            .Shows(PreviewExamples.View);
        change.MapGet("events", EventsEndpoint.StreamChangeAsync).WithName("previewEvents").WithSummary("Follow the change (server-sent events)")
            .WithDescription("Tells everything from the beginning, or from Last-Event-ID on, and ends with an `end` event. Silence is filled with comments.")
            .RequireRateLimiting(RequestLimits.Streams)
            .Refuses(Problems.TooManyStreams())
            .Shows(PreviewExamples.Events);
        change.MapPost("decisions", DecideAsync).WithName("previewDecide").WithSummary("Approve or reject its plan")
            .WithDescription("Takes the decision of one person on the plan with this digest; the change judges it. Where no worker works, it is `taken`, and judged later.")
            .Refuses(Problems.Invalid("verdict", "oneOf", "verdict must be approve or reject"))
            .Refuses(Problems.SelfApproval(), Problems.NotInGroup(["platform"]), Problems.OtherPlan(), Problems.DecisionIdReused("4711-grace"))
            .Refuses(Problems.Refused("state", "It does not wait for approval: it is Applying"), Problems.Refused("open", $"The change {PreviewExamples.ChangeId} has ended."))
            .Shows([.. PreviewExamples.Decisions, PreviewExamples.Decided]);
        change.MapPost("operations", OperateAsync).WithName("previewOperate").WithSummary("Cancel, retry, skip, abandon, pause or resume")
            .WithDescription("`cancel` calls the change off: what it did is undone. `retry` tries at once what is stuck, `skip` leaves it as it is and goes on, `abandon` does so with "
                + "everything that is or gets stuck; the record says by whom. `pause` begins nothing further until `resume`.")
            .Refuses(Problems.Invalid("verb", "oneOf", $"verb must be one of {string.Join(", ", PreviewCommands.Verbs)}"))
            .Refuses(Problems.Refused("state", "'namespace@environment:staging' is not stuck"), Problems.Refused("open", $"The change {PreviewExamples.ChangeId} has ended."))
            .Refuses(Problems.Unavailable("No worker answers, so nobody can say whether the change takes it; try again shortly."))
            .Shows([.. PreviewExamples.Operations, PreviewExamples.Decided]);
    }

    private static void MapApplying(RouteGroupBuilder applying)
    {
        applying.MapGet("", ApplyingAsync).WithName("previewApplying").WithSummary("Whether somebody holds all applying").Shows(PreviewExamples.Held);
        applying.MapPost("", HoldAsync).WithName("previewHold").WithSummary("Hold all applying, or release it")
            .WithDescription("While applying is held, changes plan and are decided on, and none begins an action, forwards or backwards. What is under way is finished.")
            .Refuses(Problems.Invalid("verb", "oneOf", $"verb must be {HoldBody.Hold} or {HoldBody.Release}"))
            .Refuses(Problems.Invalid("reason", "required", $"reason must be one line of at most {PreviewHolds.MaxReasonLength} characters"))
            .Refuses(Problems.Refused("held", "ada holds all applying already: GitHub is down"))
            .Shows([.. PreviewExamples.Applying, PreviewExamples.Held]);
    }

    private static async Task<Accepted<ChangeAccepted>> OnboardAsync(
        JsonBody<OnboardBody> body, IdempotencyKey key, Caller caller, PreviewRequests requests, CancellationToken cancellationToken)
    {
        var by = PreviewBodies.PrincipalOf(caller, body.Value.By);
        var accepted = await requests.RequestAsync(body.Value.Name.Trim(), PreviewBodies.Check(body.Value, by), by, key.Value, cancellationToken);
        return TypedResults.Accepted(accepted.Href, accepted);
    }

    private static async Task<Ok<ChangePlan>> PlanAsync(JsonBody<OnboardBody> body, Caller caller, PreviewRequests requests, CancellationToken cancellationToken)
    {
        var by = PreviewBodies.PrincipalOf(caller, body.Value.By);
        return TypedResults.Ok(await requests.PlanAsync(body.Value.Name.Trim(), PreviewBodies.Check(body.Value, by), by, cancellationToken));
    }

    private static async Task<Ok<ChangePlan>> PlanChangeAsync(
        string service, JsonBody<ChangeBody> body, Caller caller, PreviewRequests requests, PreviewReader reader, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        await reader.GetAsync(service, cancellationToken);
        return TypedResults.Ok(await requests.PlanAsync(service, PreviewBodies.Check(body.Value), PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));
    }

    private static async Task<Ok<ApplyingView>> ApplyingAsync(PreviewHolds holds, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ApplyingView { Held = await holds.FindAsync(cancellationToken) });

    private static async Task<Ok<ApplyingView>> HoldAsync(JsonBody<HoldBody> body, Caller caller, PreviewHolds holds, CancellationToken cancellationToken) =>
        TypedResults.Ok(await holds.ApplyAsync(body.Value, PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));

    private static async Task<Results<Ok<PreviewPage>, ProblemHttpResult>> ListAsync(PreviewListQuery query, PreviewReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return TypedResults.Ok(await reader.ListAsync(query.Team, query.PageToken, cancellationToken));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.InvalidArgument && query.PageToken is not null)
        {
            return Problems.Invalid(PageTokens.NotIssued).ToResult();
        }
    }

    private static async Task<Ok<PreviewService>> GetAsync(string service, PreviewReader reader, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        return TypedResults.Ok(await reader.GetAsync(service, cancellationToken));
    }

    private static async Task<Ok<PreviewChanges>> ChangesAsync(string service, PreviewReader reader, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        var known = await reader.GetAsync(service, cancellationToken);
        return TypedResults.Ok(new PreviewChanges(known.Open, known.Ended));
    }

    private static async Task<Accepted<ChangeAccepted>> ChangeAsync(
        string service, JsonBody<ChangeBody> body, IdempotencyKey key, Caller caller, PreviewRequests requests, CancellationToken cancellationToken)
    {
        PreviewBodies.CheckService(service);
        var by = PreviewBodies.PrincipalOf(caller, body.Value.By);
        var accepted = await requests.RequestAsync(service, PreviewBodies.Check(body.Value), by, key.Value, cancellationToken);
        return TypedResults.Accepted(accepted.Href, accepted);
    }

    private static async Task<Ok<ChangeView>> GetChangeAsync(string service, string changeId, PreviewReader reader, CancellationToken cancellationToken)
    {
        Check(service, changeId);
        return TypedResults.Ok(await reader.GetChangeAsync(service, changeId, cancellationToken));
    }

    private static async Task<Ok<CommandAccepted>> DecideAsync(
        string service, string changeId, JsonBody<DecisionBody> body, Caller caller, PreviewCommands commands, CancellationToken cancellationToken)
    {
        Check(service, changeId);
        return TypedResults.Ok(await commands.DecideAsync(service, changeId, body.Value, PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));
    }

    private static async Task<Ok<CommandAccepted>> OperateAsync(
        string service, string changeId, JsonBody<OperationBody> body, Caller caller, PreviewCommands commands, CancellationToken cancellationToken)
    {
        Check(service, changeId);
        return TypedResults.Ok(await commands.OperateAsync(service, changeId, body.Value, PreviewBodies.PrincipalOf(caller, body.Value.By), cancellationToken));
    }

    private static void Check(string service, string changeId)
    {
        PreviewBodies.CheckService(service);
        PreviewBodies.CheckChange(changeId);
    }
}
