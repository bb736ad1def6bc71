using Microsoft.Extensions.Logging;
using Onramp.EmbeddedServer.Batches;
using Onramp.EmbeddedServer.Engine;
using Onramp.EmbeddedServer.Frontend.Namespaces;
using Onramp.EmbeddedServer.Frontend.Validation;
using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Matching;
using Onramp.EmbeddedServer.Schedules;
using Onramp.EmbeddedServer.Visibility;

namespace Onramp.EmbeddedServer.Frontend;

/// <summary>What the frontend's calls work with.</summary>
/// <param name="Time">The server's time, which may skip.</param>
/// <param name="WallClock">Real time, which callers' deadlines and long polls go by.</param>
/// <param name="Stopping">Fires when the server stops: long polls end with nothing.</param>
internal sealed record FrontendServices(
    NamespaceRegistry Namespaces,
    HistoryEngine History,
    ScheduleEngine Schedules,
    BatchOperations Batches,
    TaskQueueManager Matching,
    IVisibility Visibility,
    ISearchAttributeTypes SearchAttributes,
    PayloadRules Payloads,
    IIdSource Ids,
    TimeProvider Time,
    TimeProvider WallClock,
    ILogger Logger,
    CancellationToken Stopping);
