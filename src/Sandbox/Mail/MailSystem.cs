using System.Globalization;
using System.Text.Json.Nodes;
using Onramp.Sandbox.Http;

namespace Onramp.Sandbox.Mail;

/// <summary>A mail service with SendGrid's send call.</summary>
internal sealed class MailSystem : SandboxSystem
{
    private readonly SandboxContext _context;

    public MailSystem(SandboxContext context)
    {
        _context = context;
        Routes = [new("POST", "/v3/mail/send", Send)];
    }

    public override string Name => "mail";

    public override IReadOnlyList<Route> Routes { get; }

    public override Reply? Authenticate(Call call)
    {
        call.Caller = call.Credential("Bearer") == _context.Credentials.MailToken ? "mail-sender" : "";
        return call.Caller.Length == 0 ? Error(call, 401)
            : _context.Seed.MailScopes is { } scopes && !scopes.Contains("mail.send", StringComparer.Ordinal) ? Failure(403, "access forbidden", null)
            : null;
    }

    public override Reply Error(Call call, int status) => status switch
    {
        401 => Failure(401, "The provided authorization grant is invalid, expired, or revoked", null),
        403 => Failure(403, "The from address does not match a verified Sender Identity.", "from"),
        429 => Failure(429, "too many requests", null).With("X-RateLimit-Remaining", "0").With("Retry-After", "1"),
        _ => Failure(status, status >= 500 ? "an error occurred" : "Bad Request", null),
    };

    private static Reply Failure(int status, string message, string? field) => Reply.Json(status, new JsonObject
    {
        ["errors"] = new JsonArray(new JsonObject { ["message"] = message, ["field"] = field, ["help"] = null }),
    });

    private Reply Send(Call call)
    {
        if (call.TryReadObject() is not { } mail)
        {
            return Failure(400, "Bad Request", null);
        }

        var recipients = (mail.Array("personalizations") ?? []).SelectMany(p => p.Array("to") ?? []).Select(t => t.Text("email")).ToList();
        if (recipients.Count == 0 || recipients.Exists(r => r?.Contains('@', StringComparison.Ordinal) != true))
        {
            return Failure(400, recipients.Count == 0 ? "The personalizations field is required and must have at least one personalization." : "Does not contain a valid address.", "personalizations");
        }

        if (mail.Text("from", "email") is null)
        {
            return Failure(400, "The from object must be provided for every email send.", "from");
        }

        if (_context.Seed.MailSenders is { } senders && !senders.Any(s => mail.Text("from", "email")!.EndsWith(s, StringComparison.OrdinalIgnoreCase)))
        {
            return Error(call, 403);
        }

        if (mail.Array("content") is not { Count: > 0 } && mail.Text("template_id") is null)
        {
            return Failure(400, "Unless a valid template_id is provided, the content parameter is required.", "content");
        }

        if (string.IsNullOrEmpty(mail.Text("subject")))
        {
            return Failure(400, "The subject is required.", "subject");
        }

        var id = call.Documents.Next("message");
        call.Documents.Put(
            "message", id.ToString("D6", CultureInfo.InvariantCulture), new JsonObject { ["to"] = Json.TextArray(recipients!), ["time"] = call.Now.Fractions(), ["message"] = mail.Copy() });
        return Reply.Empty(202).With("X-Message-Id", Convert.ToHexStringLower(call.Documents.NextBytes())[..22]);
    }
}
