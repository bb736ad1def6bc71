import { routeForWorkflows } from '@temporalio/ui/utilities/route-for';
import { redirect } from '@sveltejs/kit';

import type { PageLoad } from './$types';

export const load: PageLoad = ({ params: { namespace } }) => redirect(302, routeForWorkflows({ namespace }));
