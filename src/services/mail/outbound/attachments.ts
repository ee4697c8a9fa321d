/** Attachments as a JSON body brings them. */
import { invalidField } from '../../../kernel/fault.ts';
import type { Attachment } from './compose.ts';
import { oneLine } from './compose.ts';

interface Given {
  filename: string;
  contentType?: string;
  content: string;
}

/** Fault `invalid_request` for what is not base64, and for names and types that are not plain. */
export function readAttachments(given: readonly Given[] = []): Attachment[] {
  return given.map(({ filename, contentType, content }, i) => {
    const field = `attachments.${i}`;
    if (contentType !== undefined && !/^[\w.+-]{1,63}\/[\w.+-]{1,63}$/.test(contentType)) {
      throw invalidField(
        `${field}.contentType`,
        `The ${field}.contentType field must be a media type such as image/png`,
      );
    }
    if (!isBase64(content)) {
      throw invalidField(`${field}.content`, `The ${field}.content field must be base64`);
    }
    // A path says something of the sender's disk and nothing to the receiver.
    const name = oneLine(filename, `${field}.filename`).split(/[/\\]/).at(-1) ?? 'file';
    return { filename: name, contentType, content: Buffer.from(content, 'base64') };
  });
}

/** RFC 4648 4. A pattern for the whole would need a stack as long as the attachment. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0 || /[^A-Za-z0-9+/=]/.test(text)) return false;
  const padding = text.indexOf('=');
  return padding === -1 || padding === text.length - 1 || text.slice(padding) === '==';
}
