/** A name server over UDP (RFC 1035) that knows what a test tells it: A, TXT and MX, else NXDOMAIN. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface DnsServer {
  /** `127.0.0.1:PORT`, as CLOAKROOM_DNS_SERVERS takes it. */
  address: string;
  a: Map<string, string[]>;
  txt: Map<string, string[]>;
  mx: Map<string, [priority: number, exchange: string][]>;
  stop(): Promise<void>;
}

const A = 1;
const TXT = 16;
const MX = 15;

export async function startDnsServer(): Promise<DnsServer> {
  const a: DnsServer['a'] = new Map();
  const txt: DnsServer['txt'] = new Map();
  const mx: DnsServer['mx'] = new Map();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    const data =
      type === TXT
        ? (txt.get(name) ?? []).map(encodeTxt)
        : type === MX
          ? (mx.get(name) ?? []).map(encodeMx)
          : type === A
            ? (a.get(name) ?? []).map((address) => Buffer.from(address.split('.').map(Number)))
            : [];
    const isKnown = a.has(name) || txt.has(name) || mx.has(name);
    const answers = data.map((one) => record(type, one));
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(answers.length, 6);
    header.writeUInt16BE(0, 8);
    header.writeUInt16BE(0, 10);
    socket.send(
      Buffer.concat([header, query.subarray(12, end), ...answers]),
      from.port,
      from.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    ...{ a, txt, mx },
    stop: () => new Promise((done) => socket.close(() => done())),
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** The name is a pointer to the question's. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeTxt(text: string): Buffer {
  const parts = text.match(/.{1,255}/gs) ?? [''];
  return Buffer.concat(
    parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
  );
}

function encodeMx([priority, exchange]: [number, string]): Buffer {
  const labels = exchange
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.alloc(2);
  head.writeUInt16BE(priority);
  return Buffer.concat([head, ...labels, Buffer.from([0])]);
}
