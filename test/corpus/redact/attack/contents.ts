/** Everything that a file holds, unpacked as far as it goes: archives, streams, files in files. */
import { inflateSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { everything } from '../pdf-bytes.ts';

interface Content {
  where: string;
  bytes: Buffer;
}

const isZip = (bytes: Buffer) => bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04';
const isPdf = (bytes: Buffer) => bytes.subarray(0, 1024).includes('%PDF-');

/** The bytes as they are, and all that is packed in them, each with its path. */
export function contentsOf(bytes: Buffer, where = 'file'): Content[] {
  const contents: Content[] = [{ where, bytes }];
  if (isZip(bytes)) {
    for (const [name, part] of Object.entries(unzipSync(bytes))) {
      contents.push({ where: `${where} name`, bytes: Buffer.from(name) });
      contents.push(...contentsOf(Buffer.from(part), `${where}!${name}`));
    }
  } else if (isPdf(bytes)) {
    contents.push({
      where: `${where} strings and streams`,
      bytes: Buffer.from(everything(bytes), 'latin1'),
    });
    for (const [i, stream] of streamsOf(bytes).entries()) {
      if (isZip(stream) || isPdf(stream))
        contents.push(...contentsOf(stream, `${where}!stream ${i + 1}`));
    }
  } else if (bytes.includes('<') && !bytes.includes(0)) {
    const tagless = bytes.toString('latin1').replace(/<[^>]*>/g, '');
    contents.push({ where: `${where} without tags`, bytes: Buffer.from(tagless, 'latin1') });
  }
  return contents;
}

/** Streams of a PDF, inflated where they can be. */
function streamsOf(file: Buffer): Buffer[] {
  const streams: Buffer[] = [];
  for (let at = file.indexOf('stream'); at >= 0; at = file.indexOf('stream', at + 6)) {
    if (file.subarray(at - 3, at).toString('latin1') === 'end') continue;
    const start = at + (file[at + 6] === 13 ? 8 : 7);
    const body = file.subarray(start, Math.max(start, file.indexOf('endstream', start)));
    try {
      streams.push(inflateSync(body, { finishFlush: 2 }));
    } catch {
      streams.push(body);
    }
  }
  return streams;
}
