using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;

namespace Onramp.Activities.Notifications;

/// <summary>
/// Tells people, at least once. What was delivered already is kept in the heartbeat, so that a retry for one channel does not
/// repeat the others; an attempt that has delivered everything leaves none, since nothing comes after it. Webhook addresses are secrets and never part of an error.
/// </summary>
public sealed class NotificationActivities
{
    private static readonly TimeSpan ThrottleWait = TimeSpan.FromSeconds(1);

    private readonly HttpClient http;
    private readonly NotificationOptions options;
    private readonly TimeProvider time;

    internal NotificationActivities(HttpClient http, NotificationOptions options, TimeProvider time)
    {
        this.http = http;
        this.options = options;
        this.time = time;
    }

    [Activity(ActivityNames.Notify)]
    public async Task NotifyAsync(NotificationInput input)
    {
        var cancellationToken = StepActivity.Begin(input.Key);
        var delivered = await DeliveredAsync();
        Exception? failure = null;
        var left = NotificationChannels.For(input, options).Where(m => !delivered.Contains(m.Channel)).ToList();
        for (var i = 0; i < left.Count; i++)
        {
            try
            {
                await PostAsync(left[i], cancellationToken);
                delivered.Add(left[i].Channel);
            }
            catch (Temporalio.Exceptions.ApplicationFailureException e)
            {
                failure = e;
            }
            if (i < left.Count - 1 || failure is not null)
                Keep([.. delivered]);
        }
        if (failure is not null)
            throw failure;
    }

    private static void Keep(List<string> delivered)
    {
        if (ActivityExecutionContext.HasCurrent)
            ActivityExecutionContext.Current.Heartbeat(delivered);
    }

    private static async Task<List<string>> DeliveredAsync() =>
        ActivityExecutionContext.HasCurrent && ActivityExecutionContext.Current.Info.HeartbeatDetails.Count > 0
            ? await ActivityExecutionContext.Current.Info.HeartbeatDetailAtAsync<List<string>>(0)
            : [];

    private async Task PostAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Target);
        request.Content = new StringContent(message.Body.ToJsonString(), Encoding.UTF8, "application/json");
        if (Correlation.Current is { } key)
            request.Headers.TryAddWithoutValidation(Correlation.Header, key.CorrelationId);
        if (message.BearerToken is { Length: > 0 } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var reply = new ApiReply(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(cancellationToken));
            if (!reply.IsSuccess)
                throw Refused(message.Channel, reply);
            if (message.BearerToken is not null && reply.Json is JsonObject said && said.Text("ok") == "false")
                throw RefusedBySlack(message.Channel, said.Text("error") ?? "");
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failures.Transient(message.Channel, "no answer");
        }
    }

    /// <summary>Slack's API says no with status 200.</summary>
    private static Exception RefusedBySlack(string channel, string error) => error switch
    {
        "channel_not_found" or "not_in_channel" or "is_archived" => Failures.Of(
            ErrorTypes.NotFound, channel, $"{error}", "Make the channel, and invite the platform's bot into it."),
        "invalid_auth" or "not_authed" or "account_inactive" or "token_revoked" or "token_expired" or "missing_scope" or "no_permission" or "restricted_action" =>
            Failures.Of(ErrorTypes.PermissionDenied, channel, error, "Check the bot's token and its scope chat:write."),
        "ratelimited" => Failures.RateLimited(channel, error, ThrottleWait, 429),
        "internal_error" or "fatal_error" or "service_unavailable" or "request_timeout" => Failures.Transient(channel, error),
        _ => Failures.Of(ErrorTypes.Validation, channel, error),
    };

    private Exception Refused(string channel, ApiReply reply)
    {
        var text = $"refused with status {reply.Status}: {reply.Text}";
        return reply.Status switch
        {
            429 => Failures.RateLimited(channel, text, RetryAfter.Read(reply, time.GetUtcNow()) ?? ThrottleWait, 429),
            >= 500 => Failures.Transient(channel, text, reply.Status),
            401 or 403 => Failures.Of(ErrorTypes.PermissionDenied, channel, text, status: reply.Status),
            404 or 410 => Failures.Of(ErrorTypes.NotFound, channel, text, status: reply.Status),
            _ => Failures.Of(ErrorTypes.Validation, channel, text, status: reply.Status),
        };
    }
}
