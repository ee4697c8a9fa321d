/**
 * The networks that advertising platforms' own people and tools use. This table exists only to refuse:
 * no rule may name one of these networks, no feed entry within them is believed, and no signal is
 * derived from them. It is the reverse of a list to aim by, and nothing else may import it.
 */

export interface ProtectedPlatform {
  /** Words that an organization's name has only when it is this platform. */
  names: readonly string[];
  asns: readonly number[];
}

/** Systems by their holders' names in the public registries. */
export const PROTECTED_PLATFORMS: readonly ProtectedPlatform[] = [
  { names: ['facebook', 'meta platforms', 'instagram'], asns: [32934, 54115, 63293, 149642] },
  {
    names: ['google', 'doubleclick', 'youtube'],
    asns: [
      15169, 36384, 36385, 36040, 43515, 36492, 36411, 36383, 41264, 45566, 139190, 394089, 394639,
      394507, 6432,
    ],
  },
  { names: ['bytedance', 'tiktok'], asns: [396986, 138699, 137775] },
  { names: ['twitter'], asns: [13414, 35995, 63179] },
  { names: ['linkedin'], asns: [13443, 14413, 55163, 40793, 202745] },
  { names: ['pinterest'], asns: [53620] },
  { names: ['snap inc', 'snapchat'], asns: [] },
  { names: ['reddit'], asns: [] },
  { names: ['taboola'], asns: [200478] },
  { names: ['outbrain'], asns: [] },
];
