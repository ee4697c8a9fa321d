/** SMTP line by line, for what no well-behaved client would say. */
import { connect, type Socket } from 'node:net';

export interface Conversation {
  /** Says a line and gives the whole answer. */
  say(line: string): Promise<string>;
  /** Sends bytes as they are, and waits for nothing. */
  write(bytes: string | Buffer): void;
  /** The next answer. */
  hear(): Promise<string>;
  /** Ends the connection in the middle of whatever it is. */
  cutOff(): void;
}

/** `greeting` is what the server says first. */
export async function converse(port: number): Promise<Conversation & { greeting: string }> {
  const socket: Socket = connect(port, '127.0.0.1');
  let received = '';
  let isOver = false;
  let wake = () => {};
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  const hear = async (): Promise<string> => {
    for (;;) {
      // The last line of an answer has a space behind its code.
      const end = /^\d{3} .*\r\n/m.exec(received);
      if (end) {
        const answer = received.slice(0, end.index + end[0].length);
        received = received.slice(answer.length);
        return answer.trimEnd();
      }
      if (isOver) return 'closed';
      await new Promise<void>((done) => {
        wake = done;
      });
    }
  };
  const greeting = await hear();
  return {
    greeting,
    hear,
    say(line) {
      socket.write(`${line}\r\n`);
      return hear();
    },
    write: (bytes) => void socket.write(bytes),
    cutOff: () => socket.destroy(),
  };
}

/** As far as the message itself: what follows is its content. */
export async function beginData(port: number, to: string): Promise<Conversation> {
  const talk = await converse(port);
  for (const line of ['EHLO x.example', 'MAIL FROM:<a@rcpt.example>', `RCPT TO:<${to}>`, 'DATA']) {
    const answer = await talk.say(line);
    if (!/^[23]/m.test(answer)) throw new Error(`${line}: ${answer}`);
  }
  return talk;
}
