using System.Text.Json;
using Onramp.Workflows.Changes;

namespace Onramp.Workflows.Capabilities;

/// <summary>Who owns a thing: the service and the scope. It stays the same over every change.</summary>
public sealed record OwnerMark(string Service, string Scope)
{
    /// <summary>As it is written on things.</summary>
    public override string ToString() => $"{Services.Ids.Service(Service)}/{Scope}";

    /// <summary>Where only a few plain characters fit.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Short => Services.Ids.Digest(12, "owner", Service, Scope);
}

/// <summary>The operation that touched a thing last: the change and its action. Also the idempotency key of every call for it.</summary>
public sealed record OperationKey(string Service, string ChangeId, string Action)
{
    /// <summary>As it is written on things.</summary>
    public override string ToString() => $"{ChangeId}/{Action}";

    /// <summary>Where only a few plain characters fit.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Short => Services.Ids.Digest(12, "operation", ChangeId, Action);
}

/// <summary>What an ensure activity is to do.</summary>
public enum EnsureMode
{
    /// <summary>Make it, or finish making it.</summary>
    Create,

    /// <summary>Set fields where they stand as they were seen, or as we want them already.</summary>
    Change,

    /// <summary>Mark what was found as ours, and set its fields.</summary>
    Adopt,

    /// <summary>Undo a change or an adoption: set fields to what they were, only where our value still stands.</summary>
    Restore,
}

/// <summary>What an ensure activity gets: its own spec, the owner's mark, the operation's key, and what others gave.</summary>
public sealed record EnsureInput<TSpec>
{
    public OwnerMark Owner { get; init; } = new("", "");
    public OperationKey Operation { get; init; } = new("", "", "");

    [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<EnsureMode>))]
    public EnsureMode Mode { get; init; }

    public string Name { get; init; } = "";
    public TSpec? Spec { get; init; }
    public IReadOnlyList<FieldChange> Changes { get; init; } = [];
    public IReadOnlyDictionary<string, JsonElement> Inputs { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>The restored thing was adopted by this very operation: it is let go of again.</summary>
    public bool Release { get; init; }
}

/// <summary>What a remove activity gets.</summary>
public sealed record RemoveInput
{
    public OwnerMark Owner { get; init; } = new("", "");
    public OperationKey Operation { get; init; } = new("", "", "");
    public string Name { get; init; } = "";

    /// <summary>Undo of a creation: only what this very operation made.</summary>
    public bool OnlyOwnOperation { get; init; }

    /// <summary>It was adopted: it is let go of, not removed.</summary>
    public bool Release { get; init; }

    /// <summary>When it is let go of: fields to give back as they were found, where our value still stands.</summary>
    public IReadOnlyList<FieldChange> Changes { get; init; } = [];
}

/// <summary>What an ensure or remove activity came to.</summary>
public sealed record ActionResult
{
    /// <summary>False while it is under way: the change waits on a timer and asks again.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>When not ready: for what.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>The system's own id of the thing.</summary>
    public string Id { get; init; } = "";

    public string? Link { get; init; }

    /// <summary>What it gives, by the output's name.</summary>
    public SortedDictionary<string, JsonElement> Outputs { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What was left as it is, and why: somebody's hand, a repository with commits.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}
