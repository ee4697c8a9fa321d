/**
 * Crawlers and reviewers that their operators declare, with the way that each operator documents for
 * telling its own from impostors. Blocks are those that the operators' pages and machine-readable
 * lists name; the lists are refreshed by feeds, these hold before the first refresh.
 */

export type CrawlerPurpose = 'search' | 'ads' | 'preview' | 'security' | 'ai' | 'archive' | 'seo';

export interface CrawlerOperator {
  operator: string;
  /** Names it sends in User-Agent headers; the first one that is contained names the bot. */
  agents: readonly (readonly [token: string, purpose: CrawlerPurpose])[];
  /** Blocks that only its crawlers use: whoever comes from there is one, whatever it calls itself. */
  blocks?: readonly string[];
  /**
   * The networks in which its blocks lie. Until its list was fetched, a claim from one of them cannot
   * be refuted: the block may be newer than this table.
   */
  homes?: readonly number[];
  /** Networks that its crawlers share with other uses: the name must be claimed, too. */
  asns?: readonly number[];
  /** Domains of forward-confirmed reverse DNS, where the operator publishes no ranges. */
  domains?: readonly string[];
  source: string;
}

export const CRAWLERS: readonly CrawlerOperator[] = [
  {
    operator: 'Google',
    agents: [
      ['AdsBot-Google', 'ads'],
      ['Mediapartners-Google', 'ads'],
      ['Google-Ads-Conversions', 'ads'],
      ['Googlebot', 'search'],
      ['Google-InspectionTool', 'search'],
      ['Storebot-Google', 'search'],
      ['GoogleOther', 'search'],
      ['Google-Read-Aloud', 'preview'],
      ['Google-Site-Verification', 'search'],
      ['APIs-Google', 'search'],
      ['Google-Safety', 'security'],
      ['FeedFetcher-Google', 'preview'],
    ],
    blocks: [
      '66.249.64.0/19',
      '2001:4860:4801::/48',
      '192.178.5.0/27',
      '192.178.6.0/23',
      '192.178.17.0/27',
      '72.14.199.0/24',
      '74.125.148.0/22',
      '108.177.2.0/27',
      '209.85.238.0/24',
    ],
    homes: [15169, 396982],
    source: 'https://developers.google.com/search/docs/crawling-indexing/verifying-googlebot',
  },
  {
    operator: 'Microsoft',
    agents: [
      ['adidxbot', 'ads'],
      ['bingbot', 'search'],
      ['BingPreview', 'preview'],
      ['msnbot', 'search'],
      ['MicrosoftPreview', 'preview'],
    ],
    blocks: [
      '157.55.39.0/24',
      '207.46.13.0/24',
      '40.77.167.0/24',
      '40.77.188.0/22',
      '40.77.177.0/24',
      '40.77.178.0/23',
      '40.77.202.0/24',
      '40.77.139.0/25',
      '13.66.139.0/24',
      '13.66.144.0/24',
      '52.167.144.0/24',
      '65.55.210.0/24',
      '199.30.24.0/23',
      '20.15.133.160/27',
      '20.36.108.32/28',
      '20.43.120.16/28',
      '20.74.197.0/28',
      '20.79.107.240/28',
      '20.125.163.80/28',
      '13.67.10.16/28',
      '13.69.66.240/28',
      '13.71.172.224/28',
      '40.79.131.208/28',
      '40.79.186.176/28',
      '51.105.67.0/28',
      '52.231.148.0/28',
      '139.217.52.0/28',
      '191.233.204.224/28',
    ],
    homes: [8075, 8068, 8069, 8070, 3598],
    source: 'https://www.bing.com/webmasters/help/how-to-verify-bingbot-3905dc26',
  },
  {
    operator: 'Meta',
    agents: [
      ['facebookexternalhit', 'preview'],
      ['facebookcatalog', 'ads'],
      ['meta-externalads', 'ads'],
      ['meta-externalagent', 'ai'],
      ['meta-externalfetcher', 'ai'],
      ['meta-webindexer', 'search'],
      ['FacebookBot', 'ai'],
    ],
    asns: [32934],
    source: 'https://developers.facebook.com/docs/sharing/webmasters/web-crawlers',
  },
  {
    operator: 'Apple',
    agents: [['Applebot', 'search']],
    blocks: [
      '17.22.237.0/24',
      '17.22.245.0/24',
      '17.22.253.0/24',
      '17.241.75.0/24',
      '17.241.193.160/27',
      '17.241.200.160/27',
      '17.241.208.160/27',
      '17.241.219.0/24',
      '17.241.227.0/24',
      '17.246.15.0/24',
      '17.246.19.0/24',
      '17.246.23.0/24',
    ],
    homes: [714, 6185],
    source: 'https://support.apple.com/en-us/119829',
  },
  {
    operator: 'DuckDuckGo',
    agents: [
      ['DuckDuckBot', 'search'],
      ['DuckAssistBot', 'ai'],
    ],
    blocks: [
      '20.191.45.212',
      '40.88.21.235',
      '40.76.173.151',
      '40.76.163.7',
      '20.185.79.47',
      '52.142.26.175',
      '20.185.79.15',
      '52.142.24.149',
      '40.76.162.208',
      '40.76.163.23',
      '40.76.162.191',
      '40.76.162.247',
      '57.152.72.128',
      '51.8.253.152',
    ],
    homes: [8075, 8068, 8069, 8070],
    source: 'https://duckduckgo.com/duckduckgo-help-pages/results/duckduckbot',
  },
  {
    operator: 'X',
    agents: [['Twitterbot', 'preview']],
    blocks: ['199.16.156.0/22', '199.59.148.0/22'],
    homes: [13414, 35995, 63179],
    source: 'https://developer.x.com/en/docs/x-for-websites/cards/guides/troubleshooting-cards',
  },
  {
    operator: 'Telegram',
    agents: [['TelegramBot', 'preview']],
    blocks: ['149.154.160.0/20', '91.108.4.0/22', '2001:67c:4e8::/48'],
    homes: [62041, 59930, 62014, 44907],
    source: 'https://core.telegram.org/resources/cidr.txt',
  },
  {
    operator: 'OpenAI',
    agents: [
      ['OAI-SearchBot', 'search'],
      ['ChatGPT-User', 'ai'],
      ['GPTBot', 'ai'],
    ],
    blocks: [
      '20.171.206.0/24',
      '20.171.207.0/24',
      '52.230.152.0/24',
      '4.227.36.0/25',
      '20.125.66.80/28',
      '172.182.204.0/24',
      '172.182.214.0/23',
      '20.42.10.176/28',
      '51.8.102.0/24',
      '104.210.140.128/28',
      '135.234.64.0/24',
      '172.203.190.128/28',
      '13.65.240.240/28',
      '23.98.142.176/28',
      '23.98.179.16/28',
      '40.84.180.224/28',
      '40.84.221.208/28',
    ],
    homes: [8075, 8068, 8069, 8070],
    source: 'https://platform.openai.com/docs/bots',
  },
  {
    operator: 'Common Crawl',
    agents: [['CCBot', 'archive']],
    blocks: ['18.97.9.168/29', '18.97.14.80/29', '18.97.14.88/30', '98.85.178.216/32'],
    homes: [16509, 14618],
    source: 'https://commoncrawl.org/ccbot',
  },
  {
    operator: 'Pinterest',
    agents: [
      ['Pinterestbot', 'preview'],
      ['Pinterest/0.2', 'preview'],
    ],
    domains: ['.pinterest.com', '.pinterestcrawler.com'],
    source: 'https://help.pinterest.com/en/business/article/pinterestbot',
  },
  {
    operator: 'LinkedIn',
    agents: [['LinkedInBot', 'preview']],
    domains: ['.fwd.linkedin.com'],
    source: 'https://www.linkedin.com/help/linkedin/answer/a1339724',
  },
  {
    operator: 'Yandex',
    agents: [
      ['YandexDirect', 'ads'],
      ['YandexAdNet', 'ads'],
      ['YandexBot', 'search'],
      ['YandexImages', 'search'],
      ['YandexMobileBot', 'search'],
      ['YandexAccessibilityBot', 'search'],
      ['YandexMetrika', 'search'],
    ],
    domains: ['.yandex.ru', '.yandex.net', '.yandex.com'],
    source: 'https://yandex.com/support/webmaster/en/robot-workings/check-yandex-robots',
  },
  {
    operator: 'Baidu',
    agents: [['Baiduspider', 'search']],
    domains: ['.baidu.com', '.baidu.jp'],
    source: 'https://help.baidu.com/question?prod_id=99&class=476&id=2996',
  },
  {
    operator: 'Yahoo',
    agents: [['Yahoo! Slurp', 'search']],
    domains: ['.crawl.yahoo.net'],
    source: 'https://help.yahoo.com/kb/SLN22600.html',
  },
  {
    operator: 'Amazon',
    agents: [
      ['Amazonbot', 'search'],
      ['AmazonAdBot', 'ads'],
    ],
    domains: ['.crawl.amazonbot.amazon'],
    source: 'https://developer.amazon.com/amazonbot',
  },
  {
    operator: 'ByteDance',
    agents: [
      ['TikTokSpider', 'preview'],
      ['Bytespider', 'ai'],
    ],
    domains: ['.crawl.bytedance.com'],
    source: 'https://bytespider.bytedance.com',
  },
  {
    operator: 'Seznam',
    agents: [['SeznamBot', 'search']],
    domains: ['.seznam.cz'],
    source: 'https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler',
  },
  {
    operator: 'Naver',
    agents: [['Yeti/', 'search']],
    domains: ['.naver.com'],
    source: 'https://searchadvisor.naver.com/guide/seo-basic-firewall',
  },
  {
    operator: 'Petal Search',
    agents: [['PetalBot', 'search']],
    domains: ['.petalsearch.com', '.aspiegel.com'],
    source: 'https://webmaster.petalsearch.com/site/petalbot',
  },
  {
    operator: 'Ahrefs',
    agents: [
      ['AhrefsBot', 'seo'],
      ['AhrefsSiteAudit', 'seo'],
    ],
    domains: ['.ahrefs.com', '.ahrefs.net'],
    source: 'https://help.ahrefs.com/en/articles/78658',
  },
];
