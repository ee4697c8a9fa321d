/** Pictures without what is written beside their pixels: EXIF, XMP, comments, text chunks. */

/** The picture without metadata; as it is where it is of a kind that we do not know. */
export function withoutImageMetadata(bytes: Uint8Array): Uint8Array {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length > 4 && view.readUInt16BE(0) === 0xffd8) return cleanJpeg(view);
  if (view.length > 16 && view.readUInt32BE(0) === 0x89504e47) return cleanPng(view);
  return bytes;
}

/** Segments APP1 to APP13, APP15 and COM go; APP0 (JFIF) and APP14 (colours) are needed. */
function cleanJpeg(view: Buffer): Buffer {
  const pieces: Buffer[] = [view.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= view.length && view[at] === 0xff) {
    const marker = view[at + 1] ?? 0;
    if (marker === 0xda) break;
    const end = at + 2 + view.readUInt16BE(at + 2);
    const isMetadata = (marker >= 0xe1 && marker <= 0xed) || marker === 0xef || marker === 0xfe;
    if (!isMetadata) pieces.push(view.subarray(at, end));
    at = end;
  }
  const stop = view.lastIndexOf(Buffer.from([0xff, 0xd9]));
  pieces.push(view.subarray(at, stop > at ? stop + 2 : view.length));
  return Buffer.concat(pieces);
}

/** Only chunks that say how the pixels look stay; what follows the end goes. */
const PNG_CHUNKS = /^(?:IHDR|PLTE|IDAT|IEND|tRNS|gAMA|cHRM|sRGB|sBIT|bKGD|pHYs|acTL|fcTL|fdAT)$/;

function cleanPng(view: Buffer): Buffer {
  const pieces: Buffer[] = [view.subarray(0, 8)];
  for (let at = 8; at + 12 <= view.length; ) {
    const end = at + 12 + view.readUInt32BE(at);
    const type = view.toString('latin1', at + 4, at + 8);
    if (PNG_CHUNKS.test(type)) pieces.push(view.subarray(at, end));
    if (type === 'IEND') break;
    at = end;
  }
  return Buffer.concat(pieces);
}
