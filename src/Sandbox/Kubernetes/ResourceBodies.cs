using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Kubernetes;

/// <summary>Objects in the bodies of requests.</summary>
internal static class ResourceBodies
{
    /// <summary>The object in JSON, YAML or the few protobuf messages that kubectl sends.</summary>
    public static JsonObject ReadAny(Call call)
    {
        if (call.MediaType == ProtobufEnvelope.MediaType)
        {
            return ProtobufEnvelope.Decode(call.Body.Span)
                ?? throw KubernetesErrors.Refuse(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml");
        }

        return call.MediaType is "application/yaml" or "application/apply-patch+yaml" && !call.Text.TrimStart().StartsWith('{')
            ? Yaml.Parse(call.Text) as JsonObject ?? throw KubernetesErrors.BadRequest("the YAML body is not an object")
            : Patches.Body(call) as JsonObject ?? throw KubernetesErrors.BadRequest("the body is not an object");
    }

    /// <summary>An object of the kind that the path names, complete with what the path says.</summary>
    public static JsonObject Read(Call call, ResourceRequest request)
    {
        var item = ReadAny(call);
        var (type, version, kind) = (request.Type, item.Text("apiVersion"), item.Text("kind"));
        if ((version is not null && version != type.GroupVersion) || (kind is not null && kind != type.Kind))
        {
            throw KubernetesErrors.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {type.Kind}: the API version in the data ({version}) does not match the expected API version ({type.GroupVersion})");
        }

        if (call.MediaType == Patches.ApplyType && (version is null || kind is null))
        {
            throw KubernetesErrors.BadRequest("invalid object type: /, Kind=: apiVersion and kind must be set");
        }

        if (item.Text("metadata", "namespace") is { } space && space != request.Namespace)
        {
            throw KubernetesErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        var complete = new JsonObject { ["apiVersion"] = type.GroupVersion, ["kind"] = type.Kind, ["metadata"] = item["metadata"].Copy() ?? new JsonObject() };
        foreach (var (name, value) in item.Where(f => f.Key is not ("apiVersion" or "kind" or "metadata")))
        {
            complete[name] = value.Copy();
        }

        if (request.Namespace is not null)
        {
            complete.Ensure("metadata")["namespace"] = request.Namespace;
        }

        return complete;
    }
}
