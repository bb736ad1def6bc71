using Microsoft.Extensions.Logging;
using Onramp.Temporal.Server.Frontend.Namespaces;
using Onramp.Temporal.Server.History;
using Onramp.Temporal.Server.Matching;
using Onramp.Temporal.Server.Visibility;

namespace Onramp.Temporal.Server.Frontend;

/// <summary>What the frontend's calls work with.</summary>
/// <param name="Time">The server's time, which may skip.</param>
/// <param name="WallClock">Real time, which callers' deadlines and long polls go by.</param>
/// <param name="Stopping">Fires when the server stops: long polls end with nothing.</param>
internal sealed record FrontendServices(
    NamespaceRegistry Namespaces,
    IHistoryEngine History,
    TaskQueueManager Matching,
    IVisibility Visibility,
    ISearchAttributeTypes SearchAttributes,
    IIdSource Ids,
    TimeProvider Time,
    TimeProvider WallClock,
    ILogger Logger,
    CancellationToken Stopping);
