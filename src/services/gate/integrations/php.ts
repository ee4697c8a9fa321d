/**
 * The PHP file of a flow: one file, PHP 7.4 to 8.4, with curl where there is curl and streams where
 * there is none.
 */
import type { PageMode } from '../judge/settings.ts';
import { COOKIE_S, type Integration, PASSED_HEADERS, TIMEOUT_MS } from './integration.ts';

export function phpFile({ flow, base, key, cookieSecret }: Integration): string {
  const passed = PASSED_HEADERS.map((name) => `        ${quote(name)},`).join('\n');
  return String.raw`<?php /* generated cloaker — calls /api/v1/check for each visitor of flow ${flow.id}.
 *
 * Put this file where visitors arrive. It shows the money page to whom the answer allows, an open 403
 * to crawlers that the flow does not admit, and the white page to everybody else: also when no answer
 * comes within a second, or when the month's credits are spent.
 *
 * It holds an API key: keep it out of public repositories. Make it anew when the flow changes.
 */
final class CloakroomFlow${flow.id}
{
    private const CHECK = ${quote(`${base}/api/v1/check`)};
    private const KEY = ${quote(key)};
    private const FLOW = ${flow.id};
    private const MONEY = ${pagePhp(flow.moneyMode, flow.moneyUrl)};
    private const WHITE = ${pagePhp(flow.whiteMode, flow.whiteUrl)};
    private const FLAG_IS_ALLOWED = ${flow.flagIsAllowed};
    private const COOKIE = 'cr_page_${flow.id}';
    private const COOKIE_SECRET = ${quote(cookieSecret)};
    private const COOKIE_SECONDS = ${COOKIE_S};
    private const TIMEOUT_MS = ${TIMEOUT_MS};
    /* Behind a proxy of your own: the variable in which it gives the visitor's address, such as
     * 'HTTP_X_REAL_IP'. Never one that visitors can send by themselves. */
    private const ADDRESS_FROM = 'REMOTE_ADDR';
    private const PASSED_HEADERS = [
${passed}
    ];

    public static function run()
    {
        header('Cache-Control: no-store, private');
        $page = self::remembered();
        if ($page === null) {
            $page = self::asked();
            // A refusal is decided anew each time, and so is what no answer came for.
            if ($page === 'money' || $page === 'white') {
                self::remember($page);
            }
        }
        self::show($page === null ? 'white' : $page);
    }

    /* money, white or refuse; null where no answer came. */
    private static function asked()
    {
        $body = json_encode([
            'ip' => self::address(),
            'ua' => self::text('HTTP_USER_AGENT', 8000),
            'url' => self::url(),
            'headers' => (object) self::headers(),
            'flow_id' => self::FLOW,
        ], JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES);
        list($status, $answer) = function_exists('curl_init')
            ? self::sendByCurl($body)
            : self::sendByStream($body);
        $answer = $status === 200 ? json_decode((string) $answer, true) : null;
        if (!is_array($answer) || !isset($answer['verdict'])) {
            return null;
        }
        if (isset($answer['action']) && $answer['action'] === 'refuse') {
            return 'refuse';
        }
        $allowed = $answer['verdict'] === 'allow'
            || ($answer['verdict'] === 'flag' && self::FLAG_IS_ALLOWED);
        return $allowed ? 'money' : 'white';
    }

    private static function sendByCurl($body)
    {
        $curl = curl_init(self::CHECK);
        curl_setopt_array($curl, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => ['Content-Type: application/json', 'X-Api-Key: ' . self::KEY, 'Expect:'],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_CONNECTTIMEOUT_MS => self::TIMEOUT_MS,
            CURLOPT_TIMEOUT_MS => self::TIMEOUT_MS,
        ]);
        $answer = curl_exec($curl);
        return [(int) curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $answer];
    }

    private static function sendByStream($body)
    {
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => "Content-Type: application/json\r\nX-Api-Key: " . self::KEY . "\r\n",
            'content' => $body,
            'timeout' => self::TIMEOUT_MS / 1000,
            'ignore_errors' => true,
            'follow_location' => 0,
        ]]);
        $stream = @fopen(self::CHECK, 'r', false, $context);
        if ($stream === false) {
            return [0, null];
        }
        $meta = stream_get_meta_data($stream);
        $answer = stream_get_contents($stream, 65536);
        fclose($stream);
        $line = isset($meta['wrapper_data'][0]) ? (string) $meta['wrapper_data'][0] : '';
        return [preg_match('~^HTTP/\S+ (\d{3})~', $line, $found) ? (int) $found[1] : 0, $answer];
    }

    private static function headers()
    {
        $headers = [];
        foreach (self::PASSED_HEADERS as $name) {
            $variable = 'HTTP_' . strtoupper(str_replace('-', '_', $name));
            if (isset($_SERVER[$variable])) {
                $headers[$name] = self::text($variable, 4000);
            }
        }
        return $headers;
    }

    private static function url()
    {
        return substr(
            (self::isSecure() ? 'https' : 'http') . '://' . self::text('HTTP_HOST', 255) . self::text('REQUEST_URI', 7000),
            0,
            8000
        );
    }

    private static function address()
    {
        $address = self::text(self::ADDRESS_FROM, 100);
        return $address === '' ? null : $address;
    }

    private static function text($variable, $longest)
    {
        return isset($_SERVER[$variable]) ? substr((string) $_SERVER[$variable], 0, $longest) : '';
    }

    private static function isSecure()
    {
        return isset($_SERVER['HTTPS']) && $_SERVER['HTTPS'] !== '' && $_SERVER['HTTPS'] !== 'off';
    }

    /* The page of a visitor who was asked about a moment ago, so that a page view costs one check. */
    private static function remembered()
    {
        $cookie = isset($_COOKIE[self::COOKIE]) ? $_COOKIE[self::COOKIE] : '';
        $parts = is_string($cookie) ? explode('.', $cookie) : [];
        if (count($parts) !== 3 || !in_array($parts[0], ['money', 'white'], true)) {
            return null;
        }
        if (!ctype_digit($parts[1]) || (int) $parts[1] < time()) {
            return null;
        }
        return hash_equals(self::sign($parts[0], $parts[1]), $parts[2]) ? $parts[0] : null;
    }

    private static function remember($page)
    {
        $until = (string) (time() + self::COOKIE_SECONDS);
        setcookie(self::COOKIE, $page . '.' . $until . '.' . self::sign($page, $until), [
            'expires' => (int) $until,
            'path' => '/',
            'secure' => self::isSecure(),
            'httponly' => true,
            'samesite' => 'Lax',
        ]);
    }

    /* Good for this visitor's address and browser only. */
    private static function sign($page, $until)
    {
        $visitor = self::address() . "\n" . self::text('HTTP_USER_AGENT', 8000);
        return hash_hmac('sha256', $page . "\n" . $until . "\n" . $visitor, self::COOKIE_SECRET);
    }

    private static function show($page)
    {
        if ($page === 'refuse') {
            http_response_code(403);
            header('Content-Type: text/plain; charset=utf-8');
            echo "Forbidden: this page admits no crawlers.\n";
            return;
        }
        list($mode, $target) = $page === 'money' ? self::MONEY : self::WHITE;
        if ($mode === 'redirect') {
            header('Location: ' . $target, true, 302);
            return;
        }
        $file = __DIR__ . '/' . $target;
        if (!is_file($file)) {
            http_response_code(404);
            echo "Not found\n";
        } elseif (substr($target, -4) === '.php') {
            require $file;
        } else {
            header('Content-Type: text/html; charset=utf-8');
            readfile($file);
        }
    }
}

CloakroomFlow${flow.id}::run();
exit;
`;
}

function pagePhp(mode: PageMode, page: string): string {
  return `[${quote(mode)}, ${quote(page)}]`;
}

/** A PHP string in single quotes: only these two mean anything in it. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
