/**
 * A flow's gates. All are looked at, whichever was not passed first; one that is not passed blocks.
 */
import type { Observation } from './observation.ts';
import type { ReasonCode } from './reasons.ts';
import type { FlowSettings } from './settings.ts';

/** Counted in the transaction that records the decision; null where it was not counted. */
export interface Counters {
  /** Visits of the flow so far, this one included. */
  flowTotal: number;
  flowToday: number;
  /** Visits of this address to the flow today, this one included. */
  addressToday: number | null;
}

export interface GateReading {
  code: ReasonCode;
  passed: boolean;
  value: string | number | null;
}

export function readGates(
  flow: FlowSettings,
  seen: Observation,
  counters: Counters | null,
): GateReading[] {
  const { country, device, network, isIpv6 } = seen;
  const { blockedCountries, allowedDevices, maxClicksPerIpPerDay: cap } = flow;
  const visits = counters?.addressToday ?? null;
  const hides = network === 'vpn' || network === 'proxy' || network === 'tor';
  const gates: GateReading[] = [
    {
      code: 'country_blocked',
      passed: country === null || !blockedCountries.includes(country),
      value: country,
    },
    { code: 'ipv6_blocked', passed: !(flow.blockIpv6 && isIpv6), value: isIpv6 ? 6 : 4 },
    {
      code: 'device_not_allowed',
      passed: allowedDevices.length === 0 || allowedDevices.includes(device),
      value: device,
    },
    {
      code: 'ip_daily_cap',
      passed: cap === 0 || visits === null || visits <= cap,
      value: cap === 0 ? null : visits,
    },
  ];
  // With `block_vpn_proxy` the signal itself is the gate.
  if (flow.blockVpnProxy && hides) gates.push({ code: network, passed: false, value: network });
  return gates;
}

/** Whether this is one of the first visits, which are only observed. */
export function isWarmup(flow: FlowSettings, counters: Counters | null): boolean {
  return flow.warmupClicks > 0 && counters !== null && counters.flowTotal <= flow.warmupClicks;
}
