import sharp from 'sharp';
import { expect, test } from 'vitest';
import { type Raster, whitenCovers } from './covers.ts';

async function drawn(svg: string): Promise<Raster> {
  const source = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"><rect width="400" height="200" fill="#fff"/>${svg}</svg>`;
  const { data, info } = await sharp(Buffer.from(source))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

function darkIn({ data, channels }: Raster): number {
  let dark = 0;
  for (let i = 0; i < data.length; i += channels) if ((data[i] ?? 255) < 128) dark++;
  return dark;
}

test.each([
  ['a box', '<rect x="50" y="50" width="120" height="30"/>'],
  [
    'a box that is a little askew',
    '<rect x="50" y="50" width="120" height="30" transform="rotate(0.5)"/>',
  ],
  ['a box at the edge', '<rect x="300" y="0" width="100" height="20"/>'],
])('%s is painted white', async (_, svg) => {
  const raster = await drawn(svg);
  const before = darkIn(raster);
  whitenCovers(raster);
  expect(before).toBeGreaterThan(1900);
  expect(darkIn(raster)).toBeLessThan(before * 0.1);
});

test.each([
  [
    'the ground of white letters',
    '<rect width="400" height="60"/><text x="40" y="45" font-size="40" fill="#fff">MILLER</text>',
  ],
  ['a heading', '<text x="10" y="150" font-size="130" font-weight="bold">IlL</text>'],
  ['a rule', '<rect x="10" y="100" width="380" height="6"/>'],
  ['a dark picture', '<rect x="100" y="20" width="80" height="160"/>'],
])('%s stays as it is', async (_, svg) => {
  const raster = await drawn(svg);
  const before = Buffer.from(raster.data);
  whitenCovers(raster);
  expect(before.equals(raster.data)).toBe(true);
});
