/**
 * Conversions as they come in. A click can convert before the batch that holds it has reached the
 * database; so an id that is not there, but was made a moment ago, is looked for again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../kernel/fault.ts';
import type { Principal } from '../../../kernel/principal.ts';
import type { TrackContext } from '../context.ts';
import { clickIdTime } from '../redirect/click-id.ts';
import type { CreateConversion, PostbackQuery } from '../schema/event.ts';
import { clickExists } from '../store/conversion-store.ts';
import { decimalOf, decimalText } from '../wire.ts';
import { type ConversionInput, recordConversion } from './conversions.ts';

/** Other nodes ship within a second, unless they are far behind. */
const FRESH_MS = 60_000;
const PATIENCE_MS = 2_000;
const STEP_MS = 200;

/** By the API: for the caller's own clicks. 201 where it is new, 200 where it was known. */
export async function record(
  context: TrackContext,
  principal: Principal,
  body: CreateConversion,
  key: string | undefined,
): Promise<{ status: number; body: unknown }> {
  const { kernel } = context;
  const input: ConversionInput = {
    clickId: body.click_id,
    payout: body.payout === undefined ? undefined : decimalOf(body.payout, 'payout'),
    transactionId: body.transaction_id,
    status: body.status,
  };
  await awaitClick(context, body.click_id);
  const operation = 'POST /track/api/v1/conversions';
  return kernel.idempotency.run(principal, { key, operation, fingerprint: body }, async (tx) => {
    const { conversion, isNew } = await recordConversion(kernel, tx, principal, input);
    return { status: isNew ? 201 : 200, body: { success: true, data: conversion } };
  });
}

/** By anybody who knows the click's id, and the campaign's token where it has one. */
export async function recordPostback(context: TrackContext, query: PostbackQuery): Promise<void> {
  const { payout, token, status } = query;
  const input: ConversionInput = {
    clickId: query.clickid,
    payout: payout ? decimalText(payout, 'payout') : undefined,
    transactionId: query.txid || undefined,
    status,
  };
  await awaitClick(context, query.clickid);
  await context.kernel.database.tx((tx) => recordConversion(context.kernel, tx, { token }, input));
}

/** @throws Fault `not_found` for an id that no click can have or that nothing comes of */
async function awaitClick({ kernel, settle }: TrackContext, id: string): Promise<void> {
  const { database, clock } = kernel;
  const atMs = clickIdTime(id);
  if (atMs === null) throw noClick();
  if (await clickExists(database.db, id)) return;
  await settle();
  for (let waitedMs = 0; ; waitedMs += STEP_MS) {
    if (await clickExists(database.db, id)) return;
    const isFresh = Math.abs(clock.now().getTime() - atMs) < FRESH_MS;
    if (!isFresh || waitedMs >= PATIENCE_MS) throw noClick();
    await sleep(STEP_MS);
  }
}

function noClick(): Fault {
  return new Fault('not_found', 'There is no such click.');
}
