/**
 * The script of a flow, for the white page itself: everybody gets that page, and the script sends on
 * whom the answer allows. It sees what a server cannot (automation, how the pointer moves). The token
 * in it stands for the flow and opens nothing else.
 */
import type { Integration } from './integration.ts';

export function snippetFile({ flow, base, snippetToken }: Integration): string {
  const settings = JSON.stringify({ check: `${base}/api/v1/check/visitor`, token: snippetToken });
  return `// generated cloaker — asks the server about each visitor of flow ${flow.id}.
// Belongs into the white page: as a file (script src="cloak-flow-${flow.id}.js" async) or in place.
(function () {
  'use strict';
  var SETTINGS = ${settings};
  var LISTEN_MS = 400;
  var trace = [];
  function note(event) {
    if (trace.length < 100) trace.push([event.clientX, event.clientY, Math.round(event.timeStamp)]);
  }
  addEventListener('pointermove', note, { passive: true });
  function fingerprint() {
    var flags = ['_phantom', 'callPhantom', '__nightmare', 'domAutomation', '_selenium', '__webdriver_evaluate'];
    return {
      webdriver: navigator.webdriver === true,
      automation: flags.filter(function (flag) { return flag in window; }),
      platform: String(navigator.platform || ''),
      touchPoints: navigator.maxTouchPoints,
      languages: [].concat(navigator.languages || []),
      screen: { width: screen.width, height: screen.height },
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone
    };
  }
  function show(answer) {
    if (answer.page === 'money') location.replace(answer.url);
    if (answer.page === 'refuse') {
      document.documentElement.textContent = '403 Forbidden: this page admits no crawlers.';
    }
  }
  setTimeout(function () {
    removeEventListener('pointermove', note);
    fetch(SETTINGS.check, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      credentials: 'omit',
      body: JSON.stringify({
        token: SETTINGS.token,
        url: location.href.slice(0, 8000),
        fingerprint: fingerprint(),
        behavior: { pointer: trace }
      })
    })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(show, function () {});
  }, LISTEN_MS);
})();
`;
}
