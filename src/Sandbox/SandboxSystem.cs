using Onramp.Sandbox.Http;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox;

/// <summary>
/// One stand-in: routes over documents. A handler is a function of the call and the documents; the pipeline commits what it
/// wrote before anyone is answered, and keeps nothing of a call that ends with an error.
/// </summary>
internal abstract class SandboxSystem
{
    /// <summary>Name in state, ledger and faults.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the real system has https only for its clients.</summary>
    public virtual bool Tls => false;

    public virtual bool IgnoreCase => false;

    public abstract IReadOnlyList<Route> Routes { get; }

    /// <summary>Refuses callers that the real system would refuse; sets <see cref="Call.Caller"/>.</summary>
    public abstract Reply? Authenticate(Call call);

    /// <summary>The body and headers that the real system sends with a status of its own (unknown routes, faults).</summary>
    public abstract Reply Error(Call call, int status);

    /// <summary>The path that routes are looked up by: another one where the real system has two names for one thing.</summary>
    public virtual string RoutedPath(Call call) => call.RawPath;

    /// <summary>How far reads lag behind writes; null: not at all.</summary>
    public virtual ReadLag? Lag => null;

    /// <summary>What every answer gets on its way out.</summary>
    public virtual Reply Finish(Call call, Reply reply) => reply;

    /// <summary>A scheduled transition is due.</summary>
    public virtual void OnDue(Documents documents, string action, string key)
    {
    }

    /// <summary>
    /// Answers what the real system can't be asked over its API and yet shows: <c>GET /_sandbox/{system}/{what}</c>. Null: nothing of that name.
    /// </summary>
    public virtual Reply? Ask(Documents documents, Call call, string what) => null;

    /// <summary>Puts in place what exists before anyone calls. Runs once for a data file, and after a reset.</summary>
    public virtual void Seed(Documents documents)
    {
    }

    /// <summary>The path as the ledger shows it: without what is secret in it.</summary>
    public virtual string LedgerPath(string path) => path;

    /// <summary>Whether a document of this kind is a thing already deleted that could still be brought back.</summary>
    public virtual bool IsSoftDeleted(string kind) => false;

    /// <summary>Whether a document of this kind is a record of work (an operation), not a thing that exists.</summary>
    public virtual bool IsTransient(string kind) => false;
}
