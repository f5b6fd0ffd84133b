// Colours by what they stand for, and the keys that say so.

import { css } from '../plot/theme_colours';
import type { KeyEntry } from './data';

export const roleColour = (role: string) => css(`--role-${role}`);

export function Key({ entries }: { entries: KeyEntry[] }) {
  const told = entries.filter((e) => e.label !== '');
  if (told.length === 0) return null;
  return (
    <div class="key">
      {told.map((e) => (
        <span key={e.role + e.label}>
          <i class={`role-${e.role}`} />
          {e.label}
        </span>
      ))}
    </div>
  );
}
