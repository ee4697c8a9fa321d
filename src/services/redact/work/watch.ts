/**
 * Watches the process that it is a thread of: it must not outlive the server (`kill -9` of which
 * tells nobody), nor take more memory than a document may, within V8's heap or outside. The programs
 * that it started go with it.
 */
import { workerData } from 'node:worker_threads';

const EVERY_MS = 250;
const { server, memoryMb } = workerData as { server: number; memoryMb: number };

setInterval(() => {
  const isTooMuch = process.memoryUsage.rss() > memoryMb * 1024 * 1024;
  if (isTooMuch || process.ppid !== server) process.kill(0, 'SIGKILL');
}, EVERY_MS);
