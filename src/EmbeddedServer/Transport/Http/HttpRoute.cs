using Google.Protobuf.Reflection;
using Temporalio.Api.Dependencies.Google.Api;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>One way to make a call over HTTP, as its method's <c>google.api.http</c> annotation says.</summary>
/// <param name="Verb">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="Segments">The path, segment by segment.</param>
/// <param name="HasBody">Whether the body is the request. Otherwise the query is.</param>
internal sealed record HttpRoute(CallTable.Entry Call, string Verb, IReadOnlyList<HttpRoute.Segment> Segments, bool HasBody)
{
    private const string WholeBody = "*";

    /// <summary>A segment of the path: the word itself, or the field that it fills.</summary>
    /// <param name="Text">The word, or the dotted path of the field.</param>
    public readonly record struct Segment(string Text, bool IsField);

    /// <summary>All ways to make a call.</summary>
    /// <exception cref="NotSupportedException">An annotation uses what none of Temporal's does.</exception>
    public static IEnumerable<HttpRoute> Of(CallTable.Entry call)
    {
        if (call.Method.GetOptions()?.GetExtension(AnnotationsExtensions.Http) is not { } rule)
        {
            return [];
        }

        return rule.AdditionalBindings.Prepend(rule).Select(binding => From(call, binding));
    }

    private static HttpRoute From(CallTable.Entry call, HttpRule rule)
    {
        var (verb, path) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
            HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
            HttpRule.PatternOneofCase.Put => ("PUT", rule.Put),
            HttpRule.PatternOneofCase.Patch => ("PATCH", rule.Patch),
            HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
            _ => throw new NotSupportedException($"{call.Method.FullName}: no verb for {rule.PatternCase}"),
        };
        if (rule.Body is not ("" or WholeBody) || rule.ResponseBody.Length > 0)
        {
            throw new NotSupportedException($"{call.Method.FullName}: a body that is part of the message");
        }

        return new HttpRoute(call, verb, [.. path.Split('/').Skip(1).Select(text => SegmentFrom(call.Method, text))], rule.Body == WholeBody);
    }

    private static Segment SegmentFrom(MethodDescriptor method, string text)
    {
        if (!text.StartsWith('{'))
        {
            return new Segment(text, IsField: false);
        }

        var field = text[1..^1];
        return FieldPath.Find(method.InputType, field) is not null
            ? new Segment(field, IsField: true)
            : throw new NotSupportedException($"{method.FullName}: its path fills {field}, which is no field");
    }
}
