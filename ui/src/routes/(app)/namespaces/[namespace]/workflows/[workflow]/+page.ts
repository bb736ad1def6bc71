import { fetchWorkflowForRunId } from '@temporalio/ui/services/workflow-service';
import { decodeURIForSvelte } from '@temporalio/ui/utilities/encode-uri';
import { routeForEventHistory, routeForWorkflows } from '@temporalio/ui/utilities/route-for';
import { redirect } from '@sveltejs/kit';

import type { PageLoad } from './$types';

/** A workflow without a run is its newest one. */
export const load: PageLoad = async ({ params: { namespace, workflow }, fetch }) => {
  const { runId } = await fetchWorkflowForRunId({ namespace, workflowId: decodeURIForSvelte(workflow) }, fetch);
  redirect(302, runId ? routeForEventHistory({ namespace, workflow, run: runId }) : routeForWorkflows({ namespace }));
};
