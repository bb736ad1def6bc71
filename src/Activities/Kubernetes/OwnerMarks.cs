namespace Onramp.Activities.Kubernetes;

/// <summary>Annotations on everything that is made for a service: who owns it, and, apart from it, which operation touched it last.</summary>
internal static class OwnerMarks
{
    public const string Owner = "platform.io/owner";
    public const string Operation = "platform.io/operation";
}
