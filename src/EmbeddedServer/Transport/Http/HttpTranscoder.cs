using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Onramp.EmbeddedServer.Access;
using Onramp.EmbeddedServer.Frontend;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>
/// Calls of the table as HTTP requests with JSON, by the annotations of their methods: the path fills fields of the request, the rest is the body or
/// the query.
/// </summary>
internal sealed class HttpTranscoder(
    HttpRoutes routes, HttpForm form, BrowserGuard guard, Authenticator? authenticator, IOwnAnswers own, HttpCaller caller)
{
    private const string Pretty = "application/json+pretty";
    private const string InFull = "application/json+no-payload-shorthand";
    private const string PrettyInFull = "application/json+pretty+no-payload-shorthand";

    private const string FormType = "application/x-www-form-urlencoded";
    private const string OverridingHeader = "X-HTTP-Method-Override";

    private const int ChunkBytes = 64 * 1024;

    /// <summary>Answers a request, whatever it asks for.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        var (path, query) = HttpPath.Split(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var parameters = QueryHelpers.ParseQuery(query);
        var answer = FormOf(http.Request, parameters.Keys);
        own.AddHeaders(http.Response.Headers);
        try
        {
            var segments = HttpPath.Segments(path, form.EscapedSlash);
            guard.Check(http.Request, isPage: segments is not null && own.IsPage(segments));
            http.Features.Set(await IdentifyAsync(http).ConfigureAwait(false));
            if (HttpPath.Clean(path) is var clean && clean != path)
            {
                http.Response.StatusCode = StatusCodes.Status301MovedPermanently;
                http.Response.Headers.Location = query.Length == 0 ? clean : $"{clean}?{query}";
                return;
            }

            if (segments is null)
            {
                throw HttpAnswers.NotFound();
            }

            if (await own.TryAnswerAsync(http, path, segments).ConfigureAwait(false))
            {
                return;
            }

            var route = Find(http.Request, segments);
            var message = await ReadAsync(http, route, segments, parameters).ConfigureAwait(false);
            var body = await caller.MakeAsync(http, route.Call, message, response => MessageJson.Write(response, answer.Shorthand, answer.Indented)).ConfigureAwait(false);
            await HttpAnswers.WriteAsync(http, StatusCodes.Status200OK, answer.ContentType, body).ConfigureAwait(false);
        }
        catch (RefusalException refusal)
        {
            await HttpAnswers.RefuseAsync(http, refusal, answer).ConfigureAwait(false);
        }
    }

    private async Task<Grants> IdentifyAsync(HttpContext http)
    {
        if (authenticator is null)
        {
            return Grants.All;
        }

        var shown = http.Request.Headers.Authorization.ToString();
        if (await authenticator.IdentifyAsync(shown, http.RequestAborted, takesPassword: form.AsksForKey).ConfigureAwait(false) is { } grants)
        {
            return grants;
        }

        if (!form.AsksForKey)
        {
            throw Refusals.PermissionDenied("Request unauthorized.");
        }

        http.Response.Headers.WWWAuthenticate = "Basic realm=\"Temporal: any name, an API key as the password\", charset=\"UTF-8\"";
        throw new RefusalException(RefusalKind.Unauthenticated, "Request unauthorized: the password is an API key.");
    }

    /// <summary>Whether a form is posted. It stands for a query that is too long for a path, and may name the verb that is meant.</summary>
    private static bool IsForm(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.ContentType == FormType;

    private HttpRoute Find(HttpRequest request, IReadOnlyList<string> segments)
    {
        var isForm = IsForm(request);
        var verb = isForm && request.Headers[OverridingHeader].ToString() is { Length: > 0 } meant ? meant.ToUpperInvariant() : request.Method;
        if (!routes.TryFind(verb, segments, out var route))
        {
            throw HttpAnswers.NotFound();
        }

        if (route is null && isForm)
        {
            routes.TryFind(HttpMethods.Get, segments, out route);
        }

        return route ?? throw HttpAnswers.WrongVerb();
    }

    /// <summary>Which of the three media types the body is sent as; null for any other.</summary>
    private static string? SentAs(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType?.ToLowerInvariant() is (Pretty or InFull or PrettyInFull) and var name ? name : null;

    private async Task<IMessage> ReadAsync(
        HttpContext http, HttpRoute route, IReadOnlyList<string> segments, Dictionary<string, StringValues> parameters)
    {
        var type = route.Call.Method.InputType;
        var shorthand = form.HasPayloadShorthand && SentAs(http.Request) is not (InFull or PrettyInFull);
        var isForm = IsForm(http.Request) && !route.HasBody;
        var body = route.HasBody || isForm ? await BodyAsync(http).ConfigureAwait(false) : [];
        if (!route.HasBody && HttpPath.FaultOf(HttpPath.Split(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget).Query) is { } fault)
        {
            throw HttpAnswers.Invalid(fault);
        }

        var message = MessageJson.Read(isForm ? [] : body, type, shorthand, form.AllowsUnknownFields);
        var ofPath = route.Segments.Zip(segments).Where(pair => pair.First.IsField)
            .Select(pair => (Field: FieldPath.Find(type, pair.First.Text)!, Text: pair.Second)).ToList();
        foreach (var (name, values) in route.HasBody ? [] : isForm ? Joined(QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)), parameters) : parameters)
        {
            var (path, texts) = Entry(name, [.. values.Select(value => value ?? string.Empty)]);
            if (FieldPath.Find(type, path) is { } field && !ofPath.Exists(taken => taken.Field.Covers(field)))
            {
                field.Set(message, texts);
            }
        }

        foreach (var (field, text) in ofPath)
        {
            field.Set(message, [text]);
        }

        return message;
    }

    private static IEnumerable<KeyValuePair<string, StringValues>> Joined(Dictionary<string, StringValues> first, Dictionary<string, StringValues> second) =>
        first.Concat(second).GroupBy(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)
            .Select(group => KeyValuePair.Create(group.Key, group.Aggregate(StringValues.Concat)));

    /// <summary>A parameter's field and its values; a key in brackets, for a map, is the first of them.</summary>
    private static (string Path, IReadOnlyList<string> Texts) Entry(string name, IReadOnlyList<string> values) =>
        name.EndsWith(']') && name.LastIndexOf('[') is >= 0 and var bracket
            ? (name[..bracket], [name[(bracket + 1)..^1], .. values])
            : (name, values);

    /// <summary>The body, counted here: Kestrel would cut off callers who are still sending, so that they don't get to know why.</summary>
    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (await http.Request.Body.ReadAsync(chunk, http.RequestAborted).ConfigureAwait(false) is > 0 and var read)
            {
                if (body.Length + read > MessageMarshallers.MaximumRequestBytes)
                {
                    throw HttpAnswers.Invalid("http: request body too large");
                }

                body.Write(chunk, 0, read);
            }

            return body.ToArray();
        }
        catch (BadHttpRequestException broken)
        {
            throw HttpAnswers.Invalid($"http: {broken.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>The form that the caller wants: by one of three media types, or by the query, which wins; else the one that he sends.</summary>
    private AnswerForm FormOf(HttpRequest request, IEnumerable<string> parameters)
    {
        if (!form.HasPayloadShorthand)
        {
            return new AnswerForm(form.ContentType, Shorthand: false, Indented: false);
        }

        var names = parameters.ToHashSet(StringComparer.Ordinal);
        var wanted = (names.Contains("pretty"), names.Contains("noPayloadShorthand")) switch
        {
            (true, true) => PrettyInFull,
            (true, false) => Pretty,
            (false, true) => InFull,
            _ => request.Headers.Accept.FirstOrDefault(accepted => accepted is Pretty or InFull or PrettyInFull) ?? SentAs(request),
        };
        return new AnswerForm(wanted ?? form.ContentType, Shorthand: wanted is not (InFull or PrettyInFull), Indented: wanted is Pretty or PrettyInFull);
    }
}
