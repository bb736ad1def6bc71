using Google.Protobuf.Reflection;

namespace Temporalio.Client.Rpc;

/// <summary>The methods that can be called, by service.</summary>
internal static class RpcMethods
{
    public static ServiceDescriptor Workflow { get; } = Api.WorkflowService.V1.ServiceReflection.Descriptor.Services.Single();

    public static ServiceDescriptor Operator { get; } = Api.OperatorService.V1.ServiceReflection.Descriptor.Services.Single();

    public static ServiceDescriptor Test { get; } = Api.TestService.V1.ServiceReflection.Descriptor.Services.Single();

    public static MethodDescriptor GetSystemInfo { get; } = Workflow.FindMethodByName("GetSystemInfo");

    public static MethodDescriptor HealthCheck { get; } =
        Grpc.Health.V1.HealthReflection.Descriptor.Services.Single().FindMethodByName("Check");

    /// <summary>A method by name.</summary>
    /// <exception cref="ArgumentException">The service has no such method.</exception>
    public static MethodDescriptor Find(ServiceDescriptor service, string rpc) =>
        service.FindMethodByName(rpc) ?? throw new ArgumentException($"{service.FullName} has no method {rpc}", nameof(rpc));
}
