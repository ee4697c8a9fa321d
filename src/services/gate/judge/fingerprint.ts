/**
 * What a script in the page saw of the browser. Every field is optional and may hold anything: it
 * comes from the visitor. Fields: `webdriver`, `headless`, `automation` (a list of flags), `platform`
 * (`navigator.platform`), `touchPoints`, `languages`, `screen` (`{width, height}`).
 */
import type { ClientFacts } from '../../../intel/index.ts';
import type { Signal } from './observation.ts';

type Fingerprint = Record<string, unknown>;

export function readFingerprint(given: Fingerprint | null, client: ClientFacts): Signal[] {
  if (!given) return [];
  const driver = automationIn(given);
  const mismatch = mismatchIn(given, client);
  return [
    { code: 'automation', fired: driver !== null, value: driver },
    { code: 'fingerprint_mismatch', fired: mismatch !== null, value: mismatch },
  ];
}

function automationIn(given: Fingerprint): string | null {
  if (given['webdriver'] === true) return 'webdriver';
  if (given['headless'] === true) return 'headless';
  const flags = given['automation'];
  if (flags === true) return 'automation';
  return Array.isArray(flags) && flags.length > 0 ? `${flags.length} flag(s)` : null;
}

function mismatchIn(given: Fingerprint, { os, device }: ClientFacts): string | null {
  const { platform, touchPoints, languages, screen } = given;
  if (typeof platform === 'string') {
    const wrong =
      (os === 'Windows' && !/^Win/i.test(platform)) ||
      (os === 'Mac OS' && !/^Mac/i.test(platform)) ||
      (os === 'Android' && !/Linux|Android|arm/i.test(platform)) ||
      (os === 'iOS' && !/^(iPhone|iPad|iPod|Mac)/i.test(platform));
    if (wrong) return `platform ${printable(platform)}, User-Agent ${os}`;
  }
  if (touchPoints === 0 && (device === 'mobile' || device === 'tablet')) {
    return 'a phone that cannot be touched';
  }
  if (Array.isArray(languages) && languages.length === 0) return 'no languages';
  const size = screen as { width?: unknown; height?: unknown } | null | undefined;
  if (size && (size.width === 0 || size.height === 0)) return 'a screen without a size';
  return null;
}

/** For a record that people read: short, and nothing that a terminal or a database would mind. */
function printable(text: string): string {
  return text.slice(0, 30).replace(/[^ -~]/g, '?');
}
