using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Onramp.Activities.Common;
using Onramp.Activities.Http;
using Onramp.Workflows.Contracts;
using Temporalio.Activities;
using Temporalio.Exceptions;

namespace Onramp.Activities.Notifications;

/// <summary>
/// Tells people, at least once. What was delivered already is kept in the heartbeat, so that a retry for one channel does not
/// repeat the others; an attempt that has delivered everything leaves none, since nothing comes after it. Webhook addresses are secrets and never part of an error.
/// </summary>
public sealed partial class NotificationActivities
{
    private const string PostScope = "chat:write";
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
        ApplicationFailureException? failure = null;
        var messages = new Queue<OutgoingMessage>(NotificationChannels.For(input, options).Where(m => !delivered.Contains(m.Channel)));
        while (messages.TryDequeue(out var message))
        {
            try
            {
                await PostAsync(message, cancellationToken);
                delivered.Add(message.Channel);
            }
            catch (ApplicationFailureException e)
            {
                // One that can be healed by another attempt decides: the others don't keep it from that.
                failure = failure is { NonRetryable: false } ? failure : e;
                if (e.ErrorType == ErrorTypes.NotFound && message.Instead?.Invoke(Reason(e)) is { } instead && !delivered.Contains(instead.Channel))
                    messages.Enqueue(instead);
            }
            if (messages.Count > 0 || failure is not null)
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

    /// <summary>What was said, without who said it.</summary>
    private static string Reason(ApplicationFailureException failure) => failure.Message[(failure.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..];

    /// <summary>How Teams' older webhooks refuse: with a success.</summary>
    [GeneratedRegex(@"delivery failed with error: .*?HTTP error (\d{3})", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Wrapped();

    private static async Task<List<string>> DeliveredAsync() =>
        ActivityExecutionContext.HasCurrent && ActivityExecutionContext.Current.Info.HeartbeatDetails.Count > 0
            ? await ActivityExecutionContext.Current.Info.HeartbeatDetailAtAsync<List<string>>(0)
            : [];

    private async Task PostAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Target);
        request.Content = new StringContent(message.Body.ToJsonString(NotificationChannels.Wire), Encoding.UTF8, "application/json");
        if (Correlation.Current is { } key)
            request.Headers.TryAddWithoutValidation(Correlation.Header, key.CorrelationId);
        if (message.BearerToken is { Length: > 0 } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var reply = new ApiReply(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync(cancellationToken));
            if (!reply.IsSuccess)
                throw Refused(message, reply.Status, reply);
            if (message.BearerToken is not null && reply.Json is JsonObject said && said.Text("ok") == "false")
                throw RefusedBySlack(message.Channel, said.Text("error") ?? "", said.Text("needed"));
            if (Wrapped().Match(reply.Text) is { Success: true } wrapped)
                throw Refused(message, int.Parse(wrapped.Groups[1].Value, CultureInfo.InvariantCulture), reply);
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failures.Transient(message.Channel, "no answer");
        }
    }

    /// <summary>Slack's API says no with status 200.</summary>
    private static Exception RefusedBySlack(string channel, string error, string? needed) => error switch
    {
        "is_archived" => Failures.Of(ErrorTypes.NotFound, channel, error, "Unarchive the channel, or name another one."),
        "channel_not_found" or "not_in_channel" => Failures.Of(
            ErrorTypes.NotFound, channel, error, "Make the channel, and invite the platform's bot into it."),
        "missing_scope" => Failures.Of(
            ErrorTypes.PermissionDenied, channel, $"{error}: {needed ?? PostScope}", $"Give the bot the scope {needed ?? PostScope}, and install it anew."),
        "invalid_auth" or "not_authed" or "account_inactive" or "token_revoked" or "token_expired" or "no_permission" or "restricted_action" =>
            Failures.Of(ErrorTypes.PermissionDenied, channel, error, $"Check the bot's token and its scope {PostScope}."),
        "ratelimited" or "rate_limited" or "message_limit_exceeded" => Failures.RateLimited(channel, error, ThrottleWait, 429),
        "internal_error" or "fatal_error" or "service_unavailable" or "request_timeout" => Failures.Transient(channel, error),
        _ => Failures.Of(ErrorTypes.Validation, channel, error),
    };

    private Exception Refused(OutgoingMessage message, int status, ApiReply reply)
    {
        var (channel, text) = (message.Channel, message.Redact($"refused with status {status}: {reply.Text}"));
        bool Says(string words) => reply.Text.Contains(words, StringComparison.OrdinalIgnoreCase);
        return status switch
        {
            400 when Says("routing key") || Says("routing_key") => Failures.Of(
                ErrorTypes.PermissionDenied, channel, text, "Set PagerDutyRoutingKey to the key of an Events API v2 integration.", status),
            403 when Says("Sender Identity") => Failures.Of(
                ErrorTypes.PermissionDenied, channel, text, "Set MailFrom to a sender that the mail service has verified, or verify it.", status),
            401 or 403 when channel == "mail" => Failures.Of(ErrorTypes.PermissionDenied, channel, text, "Give the mail service's key the right mail.send.", status),
            429 => Failures.RateLimited(channel, text, RetryAfter.Read(reply, time.GetUtcNow()) ?? ThrottleWait, 429),
            >= 500 or 408 => Failures.Transient(channel, text, status),
            401 or 403 => Failures.Of(ErrorTypes.PermissionDenied, channel, text, status: status),
            404 or 410 => Failures.Of(ErrorTypes.NotFound, channel, text, status: status),
            _ => Failures.Of(ErrorTypes.Validation, channel, text, status: status),
        };
    }
}
