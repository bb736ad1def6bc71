import { routeForEventHistory } from '@temporalio/ui/utilities/route-for';
import { redirect } from '@sveltejs/kit';

import type { PageLoad } from './$types';

export const load: PageLoad = ({ params: { namespace, workflow, run } }) => redirect(302, routeForEventHistory({ namespace, workflow, run }));
