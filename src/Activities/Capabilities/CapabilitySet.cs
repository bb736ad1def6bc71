using Microsoft.Extensions.DependencyInjection;
using Onramp.Workflows.Capabilities;

namespace Onramp.Activities.Capabilities;

/// <summary>The capabilities that are there: every class of this assembly that is one. Nothing else lists them.</summary>
internal sealed class CapabilitySet
{
    private readonly Dictionary<string, ICapability> byId;

    /// <exception cref="InvalidOperationException">They don't fit together.</exception>
    public CapabilitySet(IEnumerable<ICapability> capabilities)
    {
        var all = capabilities.ToList();
        Registry = new CapabilityRegistry(all.Select(c => c.Row));
        byId = all.ToDictionary(c => c.Row.Id, StringComparer.Ordinal);
    }

    public static IReadOnlyList<Type> Types { get; } =
        [.. typeof(CapabilitySet).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ICapability))).OrderBy(t => t.FullName, StringComparer.Ordinal)];

    public CapabilityRegistry Registry { get; }

    /// <summary>In the registry's order.</summary>
    public IEnumerable<ICapability> All => Registry.Rows.Select(r => byId[r.Id]);

    public ICapability? Find(string id) => byId.GetValueOrDefault(id);

    public static void AddTo(IServiceCollection services)
    {
        foreach (var type in Types)
        {
            services.AddSingleton(type);
            services.AddSingleton(typeof(ICapability), p => p.GetRequiredService(type));
        }
        services.AddSingleton<CapabilitySet>();
    }
}
