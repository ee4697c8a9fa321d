/** Where a Gate flow sends a visitor of a tracking link. */

export type Route =
  | { kind: 'destination' }
  /** To the campaign's fallback page, or to the flow's own page where the campaign has none. */
  | { kind: 'fallback'; url: string | null }
  /** A verified crawler that the flow does not admit: shown neither page. */
  | { kind: 'refused' };
