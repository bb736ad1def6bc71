using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Temporalio.Api.WorkflowService.V1;

namespace Onramp.EmbeddedServer.Transport.Http.Ui;

/// <summary>
/// The whole history of a run as a file (<c>{"events": […]}</c>), which the UI, the SDKs' replayers and Temporal's command line read. It is written page
/// by page, so that none but the page in hand is in memory.
/// </summary>
internal sealed class HistoryDownload(CallTable.Entry history, HttpCaller caller)
{
    /// <summary>Answers with the file.</summary>
    /// <exception cref="RefusalException">There is no such run.</exception>
    public async Task AnswerAsync(HttpContext http, string namespaceName, string workflowId, string runId)
    {
        var request = new GetWorkflowExecutionHistoryRequest { Namespace = namespaceName, Execution = new() { WorkflowId = workflowId, RunId = runId } };
        GetWorkflowExecutionHistoryResponse? page = await PageAsync(http, request).ConfigureAwait(false);
        var name = new ContentDispositionHeaderValue("attachment");
        name.SetHttpFileName($"{workflowId}_{runId}.json".Replace('/', '_').Replace('\\', '_'));
        http.Response.Headers.ContentDisposition = name.ToString();
        http.Response.Headers.ContentType = "application/json";
        var body = http.Response.BodyWriter;
        body.Write("{\"events\":["u8);
        for (var separator = "\n"u8.ToArray(); page is not null; page = await NextAsync(http, request, page).ConfigureAwait(false))
        {
            foreach (var happened in page.History.Events)
            {
                body.Write(separator);
                body.Write(MessageJson.Write(happened, shorthand: false, indented: false));
                separator = ",\n"u8.ToArray();
            }

            if (page.NextPageToken.IsEmpty)
            {
                body.Write("\n]}\n"u8);
            }

            await body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>The page after one; null after the last, and where it fails: half a history must not pass for a whole one, so the connection breaks then.</summary>
    private async Task<GetWorkflowExecutionHistoryResponse?> NextAsync(
        HttpContext http, GetWorkflowExecutionHistoryRequest request, GetWorkflowExecutionHistoryResponse page)
    {
        if (page.NextPageToken.IsEmpty)
        {
            return null;
        }

        request.NextPageToken = page.NextPageToken;
        try
        {
            return await PageAsync(http, request).ConfigureAwait(false);
        }
        catch (RefusalException)
        {
            http.Abort();
            return null;
        }
    }

    private Task<GetWorkflowExecutionHistoryResponse> PageAsync(HttpContext http, GetWorkflowExecutionHistoryRequest request) =>
        caller.MakeAsync(http, history, request, answer => (GetWorkflowExecutionHistoryResponse)answer);
}
