/** Files as Cairo writes them: the pages of letters.py, all twins by one run. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Sample } from '../attack/attack.ts';
import { LONG, SHORT } from '../attack/secret.ts';
import { inScratch, run } from '../attack/tools.ts';

/** Debian's, which has Debian's python3-cairo. */
const PYTHON = '/usr/bin/python3';
const LETTERS = resolve(import.meta.dirname, 'letters.py');

let files: Promise<ReadonlyMap<string, Buffer>> | null = null;

function painted(): Promise<ReadonlyMap<string, Buffer>> {
  return inScratch(async (folder) => {
    const people = [SHORT, LONG].flatMap(({ name, mail }) => [name, mail]);
    await run(PYTHON, LETTERS, folder, ...people);
    const names = await readdir(folder);
    const all = names.map(async (name) => [name, await readFile(join(folder, name))] as const);
    return new Map(await Promise.all(all));
  });
}

const page = (name: string, of: string, more: Partial<Sample> = {}): Sample => ({
  name,
  async of(person) {
    files ??= painted();
    return (await files).get(`${of}-${person === LONG ? 1 : 0}.pdf`) ?? Buffer.of();
  },
  ...more,
});

const LINE = { left: 110, top: 26, right: 500, bottom: 50 };
const unseen = { isUnseen: true };
/** The words behind the name stay where they are: their gaps are as coarse as the eye is. */
const drawn: Partial<Sample> = { isDrawn: true, width: 'text', mayChange: [LINE] };

export const FROM_CAIRO: Sample[] = [
  page('one string', 'plain'),
  page('with serifs', 'serif'),
  page('of one width', 'mono'),
  page('bold', 'bold'),
  page('oblique', 'oblique'),
  page('letters of two bytes (CID)', 'foreign_letters'),
  page('a font of hundreds of letters', 'hundreds_of_letters'),
  page('letters by their index', 'letters_by_index'),
  page('letters with a text beside them', 'letters_with_clusters'),
  page('letters kerned', 'kerned'),
  page('letters one by one', 'one_by_one'),
  page('scaled', 'scaled'),
  page('a quarter turned', 'quarter_turned', {
    ...unseen,
    mayChange: [{ left: 30, top: 0, right: 60, bottom: 160 }],
  }),
  page('white on white', 'white', unseen),
  page('transparent', 'transparent', unseen),
  page('half transparent', 'half_transparent'),
  page('in a group', 'in_a_group'),
  page('under a box', 'under_a_box', unseen),
  page('beside the page', 'beside_the_page', unseen),
  page('clipped away', 'clipped_away', unseen),
  page('in a recording, twice', 'in_a_recording'),
  page('in a gradient', 'in_a_gradient'),
  page('as outlines', 'outlined', drawn),
  page('as pixels', 'pixels', drawn),
  page('links to a person', 'links', unseen),
  page('tagged', 'tagged'),
  page('properties, a label, a thumbnail', 'properties'),
  page('an old version', 'an_old_version'),
  page('pages of several sizes', 'pages_of_sizes'),
];
