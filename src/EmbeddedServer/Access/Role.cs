namespace Onramp.EmbeddedServer.Access;

/// <summary>What a caller may do; each includes those before it. Temporal's words for them are read, write and admin.</summary>
public enum Role
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Look: describe, list, count, query, read histories.</summary>
    Reader,

    /// <summary>Change what runs: start, signal, update, cancel, terminate, delete, work on tasks, schedules, batches.</summary>
    Writer,

    /// <summary>Change what others rely on: namespaces and search attributes.</summary>
    Admin,
}
