using Microsoft.AspNetCore.Http;

namespace Onramp.EmbeddedServer.Transport.Http;

/// <summary>What a listener answers beside calls. By then the caller has been let in, and the path is tidy.</summary>
internal interface IOwnAnswers
{
    /// <summary>Adds the headers that every answer has, refusals too.</summary>
    void AddHeaders(IHeaderDictionary headers);

    /// <summary>Whether a path leads to a page that people see: following a link from another site to it is no attack.</summary>
    /// <param name="segments">The path, unescaped.</param>
    bool IsPage(IReadOnlyList<string> segments);

    /// <summary>Answers, or leaves the request alone and says false.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">Its path as it was sent.</param>
    /// <param name="segments">The path, unescaped.</param>
    /// <exception cref="RefusalException">It is to be refused.</exception>
    Task<bool> TryAnswerAsync(HttpContext http, string path, IReadOnlyList<string> segments);
}
