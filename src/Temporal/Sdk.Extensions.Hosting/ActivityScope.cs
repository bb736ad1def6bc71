using Microsoft.Extensions.DependencyInjection;

namespace Temporalio.Extensions.Hosting;

/// <summary>The service scope of the activity that the code runs in. An interceptor may set its own before the activity runs.</summary>
public static class ActivityScope
{
    private static readonly AsyncLocal<IServiceScope?> ServiceScopeLocal = new();
    private static readonly AsyncLocal<object?> ScopedInstanceLocal = new();

    /// <summary>The scope. One that is set before the activity runs is used, and not disposed, instead of a new one.</summary>
    public static IServiceScope? ServiceScope
    {
        get => ServiceScopeLocal.Value;
        set => ServiceScopeLocal.Value = value;
    }

    /// <summary>The object with the activity's method. One that is set before the activity runs is used instead of a new one.</summary>
    public static object? ScopedInstance
    {
        get => ScopedInstanceLocal.Value;
        set => ScopedInstanceLocal.Value = value;
    }
}
