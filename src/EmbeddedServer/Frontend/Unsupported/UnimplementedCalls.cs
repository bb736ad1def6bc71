using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Onramp.EmbeddedServer.Frontend.Unsupported;

/// <summary>Calls that are not built yet answer UNIMPLEMENTED by name; one in a namespace that is not there says that first.</summary>
internal sealed class UnimplementedCalls(FrontendServices services)
{
    private const string NamespaceField = "namespace";

    public Task<IMessage> AnswerAsync(MethodDescriptor method, IMessage request, CallContext context)
    {
        var field = method.InputType.FindFieldByName(NamespaceField);
        if (field is { FieldType: FieldType.String, IsRepeated: false } && field.Accessor.GetValue(request) is string { Length: > 0 } name)
        {
            services.Namespaces.Resolve(name);
        }

        throw Refusals.Unimplemented($"method {method.Name} not implemented");
    }
}
