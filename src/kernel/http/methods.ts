/** Which methods a path below an edge knows: what turns a 404 into a 405 with its `Allow`. */
import type { App } from './edge.ts';

export function methodsOf(scope: App, prefix: string): (url: string) => string[] {
  const known: { pattern: RegExp; method: string }[] = [];
  scope.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) known.push({ pattern: patternOf(url), method: one });
  });
  return (url) => {
    const path = url.split('?', 1)[0] ?? url;
    if (!path.startsWith(prefix)) return [];
    const methods = known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  };
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
