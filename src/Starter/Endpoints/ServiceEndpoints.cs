using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Onramp.Starter.Http;
using Onramp.Starter.Security;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Onramp.Starter.Endpoints;

/// <summary>Ask for services, look at them, decide on them, call them off.</summary>
internal static partial class ServiceEndpoints
{
    private const string KeyHeader = "Idempotency-Key";

    public static void MapServices(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(ApiPaths.Services).WithTags("Services");
        group.MapPost("", RequestAsync).WithName("requestService").WithSummary("Ask for a service")
            .Accepts<ServiceRequest>("application/json")
            .Produces<ServiceAccepted>(StatusCodes.Status202Accepted).ProducesProblems(400, 409, 413, 415, 422);
        group.MapGet("", ListAsync).WithName("listServices").WithSummary("List services by team, environment and state")
            .Produces<ServicePage>().ProducesProblems(400);
        group.MapGet("{id}", GetAsync).WithName("getService").WithSummary("Everything about one service's onboarding")
            .Produces<ServiceView>().ProducesProblems(404);
        group.MapPost("{id}/approvals", DecideAsync).WithName("decide").WithSummary("Approve or reject the plan")
            .Accepts<ApprovalBody>("application/json")
            .Produces<DecisionAccepted>().ProducesProblems(400, 403, 404, 409, 413, 415);
        group.MapDelete("{id}", CancelAsync).WithName("cancelService").WithSummary("Cancel while in flight; what was made is undone")
            .Produces<ServiceView>(StatusCodes.Status202Accepted).ProducesProblems(404, 409);
        group.MapGet("{id}/events", EventsEndpoint.StreamAsync).WithName("followService").WithSummary("Follow the run (server-sent events)")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesProblems(404, 429);
    }

    private static async Task RequestAsync(HttpContext context, StarterOptions options, ServiceRequests requests)
    {
        var body = await JsonBody.ReadAsync<ServiceRequest>(context, options.MaxBodyBytes);
        var caller = Caller.Of(context);
        var key = KeyOf(context.Request);
        var request = Normal(body, caller, key);
        var accepted = await requests.RequestAsync(
            request, new RequestContext(caller.Name, key, CorrelationId.Of(context)), context.RequestAborted);
        context.Response.Headers.Location = accepted.Href;
        await WriteAsync(context, StatusCodes.Status202Accepted, accepted);
    }

    private static async Task ListAsync(HttpContext context, ServiceReader reader)
    {
        var query = ListQuery.Parse(context.Request.Query);
        try
        {
            var page = await reader.ListAsync(query.Visibility, query.PageSize, query.PageToken, context.RequestAborted);
            await WriteAsync(context, StatusCodes.Status200OK, page);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.InvalidArgument && query.PageToken is not null)
        {
            throw new ProblemException(Problems.Invalid("query.pageToken", "issued", "pageToken must be one that this API gave out"));
        }
    }

    private static async Task GetAsync(HttpContext context, string id, ServiceReader reader)
    {
        var runId = context.Request.Query["runId"].ToString();
        if (runId.Length > 0 && !Guid.TryParse(runId, out _))
            throw new ProblemException(Problems.Invalid("query.runId", "guid", "runId must be that of a run of the service"));
        await WriteAsync(context, StatusCodes.Status200OK, await reader.GetAsync(id, runId, context.RequestAborted));
    }

    private static async Task DecideAsync(HttpContext context, string id, StarterOptions options, Approvals approvals)
    {
        var body = await JsonBody.ReadAsync<ApprovalBody>(context, options.MaxBodyBytes);
        await WriteAsync(context, StatusCodes.Status200OK, await approvals.DecideAsync(id, body, Caller.Of(context), context.RequestAborted));
    }

    private static async Task CancelAsync(HttpContext context, string id, ServiceReader reader, ITemporalClient client)
    {
        var view = await reader.GetAsync(id, runId: null, context.RequestAborted);
        if (view.IsClosed)
        {
            throw new ProblemException(Problems.Conflict("not-in-flight", "The service is not in flight",
                $"'{id}' has ended already ({view.Progress.Phase}).", new FieldError("id", "inFlight", "id must be that of a service being onboarded"), id));
        }
        try
        {
            await client.GetWorkflowHandle(ServiceIds.ToWorkflowId(id), view.Progress.RunId)
                .CancelAsync(new WorkflowCancelOptions { Rpc = new RpcOptions { CancellationToken = context.RequestAborted } });
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            throw new ProblemException(Problems.Conflict("not-in-flight", "The service is not in flight",
                $"'{id}' has just ended.", new FieldError("id", "inFlight", "id must be that of a service being onboarded"), id));
        }
        context.Response.Headers.Location = $"{ApiPaths.Services}/{id}";
        await WriteAsync(context, StatusCodes.Status202Accepted, await reader.GetAsync(id, view.Progress.RunId, context.RequestAborted));
    }

    /// <summary>Says who asks, gives the request its id, and brings it to normal form.</summary>
    private static ServiceRequest Normal(ServiceRequest body, Caller caller, string? key)
    {
        if (caller.IsAuthenticated && body.Requester.Length > 0 && !string.Equals(body.Requester, caller.Name, StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problems.Invalid("requester", "token", "requester must be left out or be the token's own login"));
        var requester = caller.IsAuthenticated || body.Requester.Length == 0 ? caller.Name : body.Requester;
        var requestId = body.RequestId.Length > 0 ? body.RequestId : key is not null && RequestIdPattern().IsMatch(key) ? key : Guid.NewGuid().ToString("n");
        var result = ServiceRequestValidator.Validate(body with { Requester = requester, RequestId = requestId });
        return result.IsValid ? result.Request : throw new ProblemException(Problems.Invalid(result.Errors));
    }

    private static string? KeyOf(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(KeyHeader, out var values))
            return null;
        return values is [{ } key] && KeyPattern().IsMatch(key)
            ? key
            : throw new ProblemException(Problems.Invalid(KeyHeader, "pattern", $"{KeyHeader} must be given once and be 1 to 200 visible ASCII characters"));
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, ApiJson.Options, context.RequestAborted);
    }

    private static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (var status in statuses)
            builder.Produces<Problem>(status, Problem.ContentType);
        return builder;
    }

    [GeneratedRegex(@"^[!-~]{1,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RequestIdPattern();
}
