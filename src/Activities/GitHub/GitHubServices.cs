using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Octokit;
using Octokit.Internal;
using Onramp.Activities.Http;

namespace Onramp.Activities.GitHub;

/// <summary>
/// Octokit as the activities get it: its connection sends through handlers of ours, over one pooled handler, so that what holds for every call
/// holds for Octokit's typed clients and for what goes through its connection alike. A second connection acts as the App, to buy tokens.
/// </summary>
internal static class GitHubServices
{
    /// <summary>Handlers of the calls made with a token.</summary>
    public const string Calls = "GitHub";

    /// <summary>Handlers of the calls made as the App.</summary>
    public const string CallsAsApp = "GitHub App";

    public static IServiceCollection AddGitHub(this IServiceCollection services)
    {
        AddHandlers(services, CallsAsApp);
        services.AddSingleton(p => new GitHubPace(Options(p), p.GetRequiredService<TimeProvider>()));
        AddHandlers(services, Calls, p => new GitHubTokenHandler(p.GetRequiredService<IGitHubTokens>(), Api(p)));
        services.AddSingleton<IGitHubTokens>(p => Options(p) is var options && string.IsNullOrEmpty(options.AppId)
            ? new PersonalAccessToken(options.Token?.Trim() ?? "")
            : new InstallationTokens(p.GetRequiredService<IGitHubAppsClient>(), options, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IGitHubAppsClient>(p => new GitHubAppsClient(
            new ApiConnection(Connect(p, CallsAsApp, new AppJwt(Options(p), p.GetRequiredService<TimeProvider>())))));
        services.AddSingleton(p => new PlatformLogin(string.IsNullOrEmpty(Options(p).AppId)
            ? async () => (await p.GetRequiredService<IGitHubClient>().User.Current()).Login
            : async () => $"{(await p.GetRequiredService<IGitHubAppsClient>().GetCurrent()).Slug}[bot]"));
        services.AddSingleton(p => new RepositoryHistory(p.GetRequiredService<IGitHubClient>(), p.GetRequiredService<PlatformLogin>()));
        services.AddSingleton<IGitHubClient>(p => new GitHubClient(Connect(p, Calls, new InMemoryCredentialStore(Credentials.Anonymous))));
        return services;
    }

    /// <summary>Outermost first. Redirects are followed inside the token's handler, so that they keep it.</summary>
    private static void AddHandlers(IServiceCollection services, string name, Func<IServiceProvider, DelegatingHandler>? authorize = null)
    {
        var client = services.AddHttpClient(name)
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => TrustedHttp.CreateHandler(null));
        // Tokens are bought as the App, which is counted apart.
        if (authorize is not null)
            client.AddHttpMessageHandler(p => new GitHubPaceHandler(p.GetRequiredService<GitHubPace>()));
        client
            .AddHttpMessageHandler(p => new GitHubProtocol(p.GetRequiredService<TimeProvider>()))
            .AddHttpMessageHandler(() => new CallHandler("GitHub"));
        if (authorize is not null)
            client.AddHttpMessageHandler(authorize);
        client.AddHttpMessageHandler(() => new SameHostRedirects());
    }

    private static Connection Connect(IServiceProvider provider, string calls, ICredentialStore credentials) => new(
        new ProductHeaderValue("onramp", "1.0"),
        Api(provider),
        credentials,
        new HttpClientAdapter(() => provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(calls)),
        new GitHubJson());

    /// <summary>With a slash at its end, so that relative paths are appended to it.</summary>
    private static Uri Api(IServiceProvider provider) => new(Options(provider).BaseUrl.TrimEnd('/') + "/");

    private static GitHubOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<GitHubOptions>>().Value;
}
