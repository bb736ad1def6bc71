using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Onramp.Starter;
using Onramp.Starter.Http;
using Onramp.Starter.Services;
using Onramp.Workflows.Contracts;

namespace Onramp.Cli.Api;

/// <summary>An answer with a problem in it, in words for the terminal.</summary>
public sealed class ApiProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}

/// <summary>The HTTP API as the commands use it.</summary>
public sealed class OnrampApi : IDisposable
{
    private readonly HttpClient http;

    public OnrampApi(Uri address, string? token)
    {
        Address = address;
        http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("onramp", "1"));
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Address { get; }

    /// <summary>Whether no token is sent, so that callers say themselves who they are.</summary>
    public bool IsAnonymous => http.DefaultRequestHeaders.Authorization is null;

    public async Task<ServiceAccepted> RequestAsync(ServiceRequest request, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, ApiPaths.Services) { Content = JsonContent.Create(request, options: ApiJson.Options) };
        if (idempotencyKey is not null)
            message.Headers.Add("Idempotency-Key", idempotencyKey);
        return await SendAsync<ServiceAccepted>(message, cancellationToken);
    }

    public Task<ServiceView> GetAsync(string id, CancellationToken cancellationToken) =>
        SendAsync<ServiceView>(new HttpRequestMessage(HttpMethod.Get, PathOf(id)), cancellationToken);

    public Task<ServicePage> ListAsync(IEnumerable<KeyValuePair<string, string?>> filters, CancellationToken cancellationToken)
    {
        var query = string.Join('&', filters.Where(f => !string.IsNullOrEmpty(f.Value)).Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value!)}"));
        return SendAsync<ServicePage>(new HttpRequestMessage(HttpMethod.Get, $"{ApiPaths.Services}?{query}"), cancellationToken);
    }

    public Task<DecisionAccepted> DecideAsync(string id, ApprovalBody body, CancellationToken cancellationToken) =>
        SendAsync<DecisionAccepted>(
            new HttpRequestMessage(HttpMethod.Post, PathOf(id) + "/approvals") { Content = JsonContent.Create(body, options: ApiJson.Options) }, cancellationToken);

    public Task<ServiceView> CancelAsync(string id, CancellationToken cancellationToken) =>
        SendAsync<ServiceView>(new HttpRequestMessage(HttpMethod.Delete, PathOf(id)), cancellationToken);

    /// <summary>Events of a run until it ends; a connection that breaks is taken up again where it broke.</summary>
    public async IAsyncEnumerable<StreamedEvent> FollowAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? lastId = null;
        while (true)
        {
            await using var events = ReadAsync(id, lastId, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveAsync(events))
            {
                lastId = events.Current.Id;
                yield return events.Current;
                if (events.Current.Name == "end")
                    yield break;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>False when the stream ended or broke; what is not the network's fault is thrown.</summary>
    private static async Task<bool> TryMoveAsync(IAsyncEnumerator<StreamedEvent> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException { StatusCode: null })
        {
            return false;
        }
    }

    private async IAsyncEnumerable<StreamedEvent> ReadAsync(string id, string? lastId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, PathOf(id) + "/events");
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastId is not null)
            message.Headers.Add("Last-Event-ID", lastId);
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfProblemAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var happened in EventStreamReader.ReadAsync(stream, cancellationToken))
            yield return happened;
    }

    private async Task<T> SendAsync<T>(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using (message)
        {
            try
            {
                using var response = await http.SendAsync(message, patience.Token);
                await ThrowIfProblemAsync(response, patience.Token);
                return await response.Content.ReadFromJsonAsync<T>(ApiJson.Options, patience.Token)
                    ?? throw new CliException($"{http.BaseAddress} answered nothing; is it an Onramp API?");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CliException($"the Onramp API at {Address} did not answer within a minute.");
            }
            catch (JsonException e)
            {
                throw new CliException($"{Address} does not answer like an Onramp API.", ExitCodes.Failed, e);
            }
        }
    }

    private async Task ThrowIfProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        if (response.Content.Headers.ContentType?.MediaType != Problem.ContentType)
            throw new CliException($"{Address} answered {(int)response.StatusCode}; is it an Onramp API?");
        var problem = await response.Content.ReadFromJsonAsync<Problem>(ApiJson.Options, cancellationToken);
        throw new ApiProblemException(problem!);
    }

    private static string PathOf(string id) => $"{ApiPaths.Services}/{Uri.EscapeDataString(id)}";
}
