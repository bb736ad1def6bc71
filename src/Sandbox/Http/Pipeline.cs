using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Onramp.Sandbox.Control;
using Onramp.Sandbox.Storage;

namespace Onramp.Sandbox.Http;

/// <summary>
/// The one way through the sandbox: read the request, bring due transitions about, look for a fault, decide, commit with the
/// ledger's entry, and only then answer.
/// </summary>
internal sealed class Pipeline(DocumentStore store, IReadOnlyList<SandboxSystem> systems, ControlRoutes control, TimeProvider time)
{
    private const int MaxBodyBytes = 16 * 1024 * 1024;
    private readonly Dictionary<string, SandboxSystem> _byName = systems.ToDictionary(s => s.Name, StringComparer.Ordinal);

    public async Task RunAsync(HttpContext context, SandboxSystem listener)
    {
        var rawTarget = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = rawTarget.Split('?', 2)[0];
        var body = await ReadBodyAsync(context);
        if (body is null)
        {
            await SendAsync(context, Reply.Empty(413));
            return;
        }

        if (path.StartsWith(ControlRoutes.Prefix, StringComparison.Ordinal))
        {
            await SendAsync(context, Control(NewCall(context, path, body, null)));
            return;
        }

        var system = listener is SystemSelector selector ? selector.Select(context.Request.Host.Host, path) : listener;
        var fault = Meet(system, context.Request.Method, path);
        if (fault?.Delay > TimeSpan.Zero)
        {
            await Task.Delay(fault.Delay, time, context.RequestAborted);
        }

        var (reply, drop) = Decide(system, context, path, body, fault);
        if (reply.Hold > TimeSpan.Zero)
        {
            await Task.Delay(reply.Hold, CancellationToken.None);
        }

        reply.Released?.Invoke();
        if (drop || reply.Abort)
        {
            context.Abort();
            return;
        }

        await SendAsync(context, reply);
    }

    /// <summary>Brings about whatever is due by now, in order; what that makes due comes about as well.</summary>
    public void Settle()
    {
        for (var rounds = 0; rounds < 1000; rounds++)
        {
            var now = time.GetUtcNow();
            var due = store.List(DocumentStore.Own, "scheduled").Where(s => long.Parse(s.Key[..19], null) <= now.UtcTicks).ToList();
            if (due.Count == 0)
            {
                return;
            }

            store.Transact(() =>
            {
                foreach (var (key, entry) in due)
                {
                    store.Delete(DocumentStore.Own, "scheduled", key);
                    var system = _byName[entry.Text("system")!];
                    system.OnDue(new Documents(store, system.Name, now, system.Lag), entry.Text("action")!, entry.Text("key")!);
                }

                return due.Count;
            });
        }
    }

    private Reply Control(Call call)
    {
        lock (store.Gate)
        {
            Settle();
            return store.Transact(() => control.Answer(call));
        }
    }

    private Fault? Meet(SandboxSystem system, string method, string path)
    {
        lock (store.Gate)
        {
            return store.Transact(() => FaultBook.Meet(store, system, method, path));
        }
    }

    private (Reply Reply, bool Drop) Decide(SandboxSystem system, HttpContext context, string path, byte[] body, Fault? fault)
    {
        lock (store.Gate)
        {
            Settle();
            return store.Transact(() => Apply(system, NewCall(context, path, body, system), fault));
        }
    }

    private (Reply Reply, bool Drop) Apply(SandboxSystem system, Call call, Fault? fault)
    {
        store.Mark();
        var reply = fault?.Action switch
        {
            FaultAction.Fail => Failed(system, call, fault),
            FaultAction.DropBefore => Reply.Empty(0),
            _ => Handle(system, call),
        };
        if (reply.Status >= 400)
        {
            store.RollbackToMark();
        }

        reply = system.Finish(call, reply);
        var drop = fault?.Action is FaultAction.DropAfter or FaultAction.DropBefore;
        if (call.Method is not ("GET" or "HEAD" or "OPTIONS"))
        {
            var outcome = drop ? "dropped" : fault?.Action is FaultAction.Fail ? "fault" : "answered";
            Ledger.Add(store, system, call, reply.Status, outcome, [.. store.Changes]);
        }

        return (reply, drop);
    }

    private static Reply Handle(SandboxSystem system, Call call)
    {
        try
        {
            if (system.Authenticate(call) is { } refused)
            {
                return refused;
            }

            var segments = Route.Segments(system.RoutedPath(call));
            var otherMethod = false;
            foreach (var route in system.Routes)
            {
                if (route.Match(segments, system.IgnoreCase) is { } values)
                {
                    if (route.Method == call.Method || (route.Method == "GET" && call.Method == "HEAD"))
                    {
                        call.Values = values;
                        return route.Handle(call);
                    }

                    otherMethod = true;
                }
            }

            return system.Error(call, otherMethod ? 405 : 404);
        }
        catch (Refusal refusal)
        {
            return refusal.Reply;
        }
    }

    private static Reply Failed(SandboxSystem system, Call call, Fault fault)
    {
        var native = system.Error(call, fault.Status);
        var reply = fault.Body is null ? native : new Reply
        {
            Status = fault.Status,
            Body = Encoding.UTF8.GetBytes(fault.Body),
            ContentType = native.ContentType,
        };
        foreach (var (name, value) in native.Headers.Concat(fault.Headers))
        {
            reply.Headers[name] = value;
        }

        return reply;
    }

    private Call NewCall(HttpContext context, string path, byte[] body, SandboxSystem? system) => new()
    {
        Method = context.Request.Method,
        RawPath = path,
        Scheme = context.Request.Scheme,
        Host = context.Request.Host.Value ?? "",
        Query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        Headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        Body = body,
        Documents = new Documents(
            store, system?.Name ?? DocumentStore.Own, time.GetUtcNow(), system?.Lag, stale: context.Request.Method is "GET" or "HEAD"),
    };

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxBodyBytes)
            {
                return null;
            }
        }

        return buffer.ToArray();
    }

    private static async Task SendAsync(HttpContext context, Reply reply)
    {
        var response = context.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers[name] = value;
        }

        if (reply.ContentType is not null && reply.Status is not (204 or 205 or 304))
        {
            response.ContentType = reply.ContentType;
        }

        if (reply.Stream is { } stream)
        {
            await stream(response.Body, context.RequestAborted);
            return;
        }

        if (reply.Status is not (204 or 205 or 304))
        {
            response.ContentLength = reply.Body.Length;
            if (context.Request.Method != "HEAD")
            {
                await response.Body.WriteAsync(reply.Body, context.RequestAborted);
            }
        }
    }
}

/// <summary>Several stand-ins behind one port, told apart by host and path as the real ones are.</summary>
internal abstract class SystemSelector : SandboxSystem
{
    public abstract IReadOnlyList<SandboxSystem> Systems { get; }

    public abstract SandboxSystem Select(string host, string path);
}
