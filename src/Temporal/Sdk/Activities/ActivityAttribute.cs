namespace Temporalio.Activities;

/// <summary>
/// Makes a method an activity. Without a name it is called as the method is, less a trailing <c>Async</c> if it returns a task.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ActivityAttribute : Attribute
{
    /// <summary>Named after the method.</summary>
    public ActivityAttribute()
    {
    }

    /// <summary>Named otherwise.</summary>
    /// <param name="name">Name.</param>
    public ActivityAttribute(string name) => Name = name;

    /// <summary>Name given, if any.</summary>
    public string? Name { get; }

    /// <summary>
    /// Whether it runs for every activity type that has no method of its own. It then has no name and takes one parameter, an array of
    /// <see cref="Converters.IRawValue"/>.
    /// </summary>
    public bool Dynamic { get; set; }
}
