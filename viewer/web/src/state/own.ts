// What this page has asked for: several pages may look at the same server.

import type { Job, Recording } from '../api/types';

let name = '';

// The same when the page is loaded again.
function page(): string {
  if (name === '') {
    name = sessionStorage.getItem('limpid-page') ?? crypto.randomUUID().slice(0, 8);
    sessionStorage.setItem('limpid-page', name);
  }
  return name;
}

export const slotOf = (purpose: string) => `${page()} ${purpose}`;
export const isOwn = (made: Recording | Job) => made.slot !== '' && made.slot.startsWith(`${page()} `);

// Results whose frames are taken at once, and that are closed then: not for the list.
export const passing = (purpose: string) => `frames ${purpose}`;
export const isPassing = (made: Recording | Job) => made.slot.includes(' frames ');
