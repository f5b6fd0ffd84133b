// The chain that the user is building.

import { signal } from '@preact/signals';
import type { ChainStep } from '../api/types';

export const chain = signal<ChainStep[]>([]);
