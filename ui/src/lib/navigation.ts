import { translate } from '@temporalio/ui/i18n/translate';
import type { NamespaceListItem, NavLinkListItem } from '@temporalio/ui/types/global';
import {
  routeForBatchOperations,
  routeForEventHistoryImport,
  routeForNamespaces,
  routeForSchedules,
  routeForWorkflows,
} from '@temporalio/ui/utilities/route-for';
import { goto } from '$app/navigation';

/** The ways to the main pages. What the server doesn't do (Nexus, deployments) has none. */
export const linksOf = (namespace: string): NavLinkListItem[] => {
  const link = (href: string, icon: NavLinkListItem['icon'], label: string): NavLinkListItem => ({
    href,
    icon,
    label,
    isActive: (url: string) => {
      const { pathname } = new URL(url, window.location.origin);
      return pathname === href || pathname.startsWith(`${href}/`);
    },
  });
  return [
    { ...link(routeForNamespaces(), 'namespace', translate('common.namespaces')), isActive: (url) => new URL(url).pathname === routeForNamespaces() },
    link(routeForWorkflows({ namespace }), 'workflow', translate('common.workflows')),
    link(routeForSchedules({ namespace }), 'schedules', translate('common.schedules')),
    link(routeForBatchOperations({ namespace }), 'batch-operation', translate('batch.nav-title')),
    link(routeForEventHistoryImport(), 'import', translate('common.import')),
  ];
};

/** What the picker offers. */
export const choicesOf = (names: string[]): NamespaceListItem[] =>
  names.map((name) => ({ namespace: name, onClick: (chosen: string) => goto(routeForWorkflows({ namespace: chosen })) }));
