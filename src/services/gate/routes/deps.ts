/** What the routes of Gate are given. */
import type { Intel } from '../../../intel/index.ts';
import type { Kernel } from '../../../kernel/index.ts';
import type { SettingsCache } from '../account-settings.ts';
import type { Gate } from '../gate.ts';

export interface RouteDeps {
  kernel: Kernel;
  intel: Intel;
  settings: SettingsCache;
  gate: Gate;
}
