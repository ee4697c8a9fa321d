/**
 * Networks whose addresses are rented to machines, or lent to people who hide theirs. Chosen by what
 * each operator says that it sells (the page named beside it) and its number in the public registries.
 * Some operators were added because measuring against published lists of addresses showed that they
 * were missing; no list's entries stand here. Ordinary access networks are on none of them.
 */

export interface OperatorNetworks {
  operator: string;
  /** Where the operator says what it sells. */
  source: string;
  asns: readonly number[];
}

/** Servers, clouds and colocation. */
export const HOSTING: readonly OperatorNetworks[] = [
  { operator: 'Amazon Web Services', source: 'aws.amazon.com', asns: [16509, 14618, 8987, 7224] },
  {
    operator: 'Microsoft Azure',
    source: 'azure.microsoft.com',
    asns: [8075, 8068, 8069, 8070, 12076, 35106],
  },
  { operator: 'Google Cloud', source: 'cloud.google.com', asns: [396982, 19527, 395973] },
  { operator: 'Oracle Cloud', source: 'oracle.com/cloud', asns: [31898, 54253] },
  { operator: 'IBM Cloud', source: 'ibm.com/cloud', asns: [36351] },
  { operator: 'Alibaba Cloud', source: 'alibabacloud.com', asns: [45102, 37963, 134963] },
  { operator: 'Tencent Cloud', source: 'tencentcloud.com', asns: [45090, 132203, 133478] },
  { operator: 'Huawei Cloud', source: 'huaweicloud.com', asns: [55990, 136907] },
  { operator: 'UCloud', source: 'ucloud.cn', asns: [135377, 59077] },
  { operator: 'Yandex Cloud', source: 'yandex.cloud', asns: [200350, 210656] },
  { operator: 'OVHcloud', source: 'ovhcloud.com', asns: [16276, 35540] },
  { operator: 'Hetzner', source: 'hetzner.com', asns: [24940, 213230, 212317, 215859] },
  { operator: 'DigitalOcean', source: 'digitalocean.com', asns: [14061, 393406, 46652] },
  { operator: 'Akamai Linode', source: 'linode.com', asns: [63949, 48337] },
  { operator: 'Vultr', source: 'vultr.com', asns: [20473, 11508, 46407, 54094] },
  { operator: 'Contabo', source: 'contabo.com', asns: [51167, 40021, 141995] },
  {
    operator: 'Leaseweb',
    source: 'leaseweb.com',
    asns: [
      60781, 28753, 395954, 27411, 7203, 396190, 30633, 396362, 32613, 394380, 134351, 19148,
      393886, 59253, 133752, 205544,
    ],
  },
  { operator: 'M247', source: 'm247.com', asns: [9009, 16247, 42973, 33970, 51332] },
  { operator: 'DataCamp (CDN77)', source: 'datacamp.co.uk', asns: [212238, 60068, 211612] },
  { operator: 'Scaleway', source: 'scaleway.com', asns: [12876, 29447] },
  { operator: 'IONOS', source: 'ionos.com', asns: [8560, 54548] },
  { operator: 'Hostinger', source: 'hostinger.com', asns: [47583, 204915] },
  {
    operator: 'GoDaddy',
    source: 'godaddy.com',
    asns: [26496, 398101, 398787, 400754, 398108, 21501],
  },
  { operator: 'Namecheap', source: 'namecheap.com', asns: [22612] },
  {
    operator: 'Rackspace',
    source: 'rackspace.com',
    asns: [33070, 19994, 27357, 15395, 24867, 45187, 12200, 10532, 39921],
  },
  { operator: 'Liquid Web', source: 'liquidweb.com', asns: [32244, 53824, 201682] },
  { operator: 'Hivelocity', source: 'hivelocity.net', asns: [29802, 61440] },
  { operator: 'QuadraNet', source: 'quadranet.com', asns: [8100] },
  { operator: 'Psychz', source: 'psychz.net', asns: [40676] },
  { operator: 'Performive', source: 'performive.com', asns: [46562] },
  { operator: 'Tzulo', source: 'tzulo.com', asns: [11878] },
  { operator: 'FranTech (BuyVM)', source: 'buyvm.net', asns: [53667] },
  {
    operator: 'ColoCrossing, HostPapa, RackNerd',
    source: 'colocrossing.com',
    asns: [36352, 35916],
  },
  { operator: 'DreamHost', source: 'dreamhost.com', asns: [26347] },
  { operator: 'Newfold (Bluehost, Unified Layer)', source: 'bluehost.com', asns: [46606, 394695] },
  { operator: 'SingleHop (INAP)', source: 'inap.com', asns: [32475, 13768, 22576] },
  { operator: 'UpCloud', source: 'upcloud.com', asns: [202053, 25697] },
  { operator: 'Kamatera', source: 'kamatera.com', asns: [36007, 54913, 204548, 41436] },
  { operator: 'netcup', source: 'netcup.com', asns: [197540] },
  { operator: 'myLoc / WIIT', source: 'myloc.de', asns: [24961] },
  { operator: 'PlusServer', source: 'plusserver.com', asns: [61157, 8972] },
  { operator: 'Aruba', source: 'arubacloud.com', asns: [31034, 199883, 200185] },
  { operator: 'Worldstream', source: 'worldstream.com', asns: [49981] },
  { operator: 'NForce', source: 'nforce.com', asns: [43350] },
  { operator: 'Serverius', source: 'serverius.net', asns: [50673] },
  { operator: 'i3D.net', source: 'i3d.net', asns: [49544] },
  { operator: 'Selectel', source: 'selectel.ru', asns: [49505, 50340] },
  { operator: 'TimeWeb', source: 'timeweb.cloud', asns: [9123] },
  { operator: 'REG.RU', source: 'reg.ru', asns: [197695] },
  { operator: 'Beget', source: 'beget.com', asns: [198610] },
  { operator: 'Aeza', source: 'aeza.net', asns: [210644, 216246] },
  { operator: 'Stark Industries / PQ', source: 'stark-industries.solutions', asns: [44477] },
  { operator: 'G-Core', source: 'gcore.com', asns: [199524, 202422] },
  { operator: 'Melbicom', source: 'melbicom.net', asns: [8849, 56630] },
  { operator: 'Servers.com', source: 'servers.com', asns: [7979] },
  { operator: 'HostRoyale', source: 'hostroyale.com', asns: [203020, 207990] },
  { operator: 'Clouvider', source: 'clouvider.com', asns: [62240] },
  { operator: 'Zenlayer', source: 'zenlayer.com', asns: [21859, 4229] },
  { operator: 'Host Europe', source: 'hosteurope.de', asns: [8972, 20773] },
  { operator: 'Sakura Internet', source: 'sakura.ad.jp', asns: [9370, 9371, 7684] },
  { operator: 'GMO Internet', source: 'gmo.jp', asns: [7506] },
  { operator: 'Naver Cloud', source: 'ncloud.com', asns: [23576] },
  { operator: 'CtrlS', source: 'ctrls.com', asns: [18229] },
  { operator: 'Locaweb', source: 'locaweb.com.br', asns: [27715] },
  { operator: 'Equinix Metal', source: 'metal.equinix.com', asns: [54825] },
  { operator: 'Fly.io', source: 'fly.io', asns: [40509] },
  { operator: 'Latitude.sh', source: 'latitude.sh', asns: [396356, 262287] },
  { operator: 'Interserver', source: 'interserver.net', asns: [19318] },
  { operator: 'Sharktech', source: 'sharktech.net', asns: [46844] },
  { operator: 'Nexeon', source: 'nexeontech.com', asns: [20278] },
  { operator: 'HostHatch', source: 'hosthatch.com', asns: [63473] },
  { operator: 'A2 Hosting', source: 'a2hosting.com', asns: [55293] },
  { operator: 'Ubiquity / LogicWeb', source: 'logicweb.com', asns: [64286] },
  { operator: 'Eonix', source: 'eonix.net', asns: [30693, 62904] },
  { operator: 'B2 Net Solutions', source: 'servermania.com', asns: [55286] },
  { operator: 'Dedipath', source: 'dedipath.com', asns: [35913] },
  { operator: 'IDC Frontier', source: 'idcf.jp', asns: [4694] },
  { operator: 'xTom', source: 'xtom.com', asns: [3214, 4785, 8888] },
  { operator: 'IT7 (BandwagonHost)', source: 'bandwagonhost.com', asns: [25820] },
  { operator: 'Cluster Logic / CNServers', source: 'cnservers.com', asns: [40065] },
  { operator: 'PEG TECH', source: 'petaexpress.com', asns: [54600] },
  { operator: 'Enzu', source: 'enzu.com', asns: [18978] },
  { operator: 'Gigas', source: 'gigas.com', asns: [57286] },
  { operator: 'One.com', source: 'one.com', asns: [51468] },
  { operator: 'Infomaniak', source: 'infomaniak.com', asns: [29222] },
  { operator: 'Strato', source: 'strato.de', asns: [6724] },
  { operator: 'home.pl', source: 'home.pl', asns: [12824] },
  { operator: 'xneelo', source: 'xneelo.co.za', asns: [37153] },
  { operator: 'velia.net', source: 'velia.net', asns: [29066] },
  { operator: 'Deft', source: 'deft.com', asns: [23352] },
  { operator: 'iFog', source: 'ifog.ch', asns: [34927] },
  { operator: 'EDIS', source: 'edis.at', asns: [57169] },
  { operator: 'GSL Networks', source: 'globalsecurelayer.com', asns: [137409] },
  { operator: '3xK Tech', source: '3xktech.com', asns: [200373] },
  { operator: 'NetActuate', source: 'netactuate.com', asns: [36236] },
  { operator: 'IPXO (leased addresses)', source: 'ipxo.com', asns: [834] },
  { operator: 'WEDOS', source: 'wedos.com', asns: [197019] },
];

/** Services that lend people an address. */
export const VPN: readonly OperatorNetworks[] = [
  { operator: 'Proton VPN', source: 'protonvpn.com', asns: [62371, 209103, 199218, 208172] },
  { operator: 'Mullvad (31173 Services)', source: 'mullvad.net/servers', asns: [39351, 216025] },
  { operator: 'Windscribe', source: 'windscribe.com', asns: [397540] },
  {
    operator: 'NordVPN (PacketHub)',
    source: 'nordvpn.com',
    asns: [136787, 147049, 207137, 141039],
  },
  { operator: 'Surfshark (Cyberzone)', source: 'surfshark.com', asns: [209854] },
  { operator: 'StrongVPN', source: 'strongvpn.com', asns: [62651] },
];

/** Services that sell other people's lines, or addresses that look like them, to machines. */
export const PROXY: readonly OperatorNetworks[] = [
  { operator: 'Oxylabs', source: 'oxylabs.io', asns: [396319, 203061] },
];

/** Organizations that exist to run Tor exits. */
export const TOR: readonly OperatorNetworks[] = [
  { operator: 'Stiftung Erneuerbare Freiheit', source: 'sebif.org', asns: [60729] },
  { operator: 'Unredacted', source: 'unredacted.org', asns: [401401] },
  { operator: 'Foundation for Applied Privacy', source: 'applied-privacy.net', asns: [208323] },
];

/**
 * Networks that people's traffic leaves by when their system guards them (iCloud Private Relay, WARP):
 * ordinary visitors in large numbers, who keep their country.
 */
export const RELAY: readonly OperatorNetworks[] = [
  {
    operator: 'iCloud Private Relay (Akamai)',
    source: 'support.apple.com/102022',
    asns: [36183, 20940],
  },
  {
    operator: 'iCloud Private Relay, WARP (Cloudflare)',
    source: 'developers.cloudflare.com/warp-client',
    asns: [13335, 209242],
  },
  { operator: 'iCloud Private Relay (Fastly)', source: 'support.apple.com/102022', asns: [54113] },
];

/**
 * Words in an organization's name that say what it sells, for the thousands of small hosters.
 * Weaker than the table, and said so in the explanation.
 */
export const HOSTING_WORDS =
  /\b(?:web|cloud|server|game|v[dp]s|ded(?:icated)?)?[ -]?host(?:ing|er|s|ed|inger|wind\w*|sailor|slick|us)?\b|hosting|\bv(?:ps|ds)\b|\bservers?\b|dedicat(?:ed|i)|data ?cent(?:er|re)s?\b|datacamp|\bcolo(?:cation)?\b|\bcloud\b|cloud (?:computing|services?|technolog)|\bidc\b/i;

/** Words in an organization's name that say that it lends addresses. */
export const VPN_WORDS = /(?:^|[^a-z])vpn|vpn(?:[^a-z]|$)/i;
