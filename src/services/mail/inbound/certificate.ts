/**
 * The certificate for STARTTLS: the configured one, else one that is self-made at each start, for the name that the
 * server goes by. Mail servers encrypt opportunistically and ask for no authority (RFC 7435), but a key
 * that others have, such as the one that comes with a library, would protect nobody.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

const LIFETIME_YEARS = 10;
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const VERSION_3 = Buffer.from('a003020102', 'hex');
/** RFC 5280, appendix A: ub-common-name. */
const LONGEST_COMMON_NAME = 64;

/** PEM of a P-256 key and of its certificate (RFC 5280) for the host name. */
export function makeCertificate(hostName: string, now: Date): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + LIFETIME_YEARS);
  const name = nameOf(hostName.slice(0, LONGEST_COMMON_NAME));
  // The first bit of the serial is 0: it is a positive number.
  const serial = Buffer.from(
    randomBytes(16).map((byte, i) => (i === 0 ? (byte & 0x7f) | 1 : byte)),
  );
  const content = sequence(
    VERSION_3,
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(now), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, der(0x04, sequence(der(0x82, hostName)))))),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const base64 = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g)?.join('\n') ?? '';
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** The PEM of both files; an Error that names their settings where they are no pair. */
export async function readCertificate(
  certPath: string,
  keyPath: string,
): Promise<{ key: Buffer; cert: Buffer }> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath), readFile(keyPath)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Error(
      `CLOAKROOM_SMTP_TLS_CERT and CLOAKROOM_SMTP_TLS_KEY cannot be used together: ${why}`,
      { cause },
    );
  }
}

/** One value of DER (X.690): its tag, its length, its content. */
function der(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const bytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, commonName))));
}

/** UTCTime, which RFC 5280 4.1.2.5 wants until 2049. */
function time(at: Date): Buffer {
  return der(0x17, `${at.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`);
}
