/** The written part of docs/names.md. */
export const INTRODUCTION = `# Names of people, places and organisations

Rules find a name where its form or a word gives it away: \`Dear Ms Doe\`, \`Patient: …\`. Names in
running text are found by a tagger that comes with the product: no network, no model to download.

- A linear-chain conditional random field over the words: their letters, endings and case, the words
  around, whether a list has them, how the line and the document are written. Pure TypeScript.
- Trained by \`npm run train:names\` on three corpora (WNUT 2017, Broad Twitter Corpus, wikigold;
  see NOTICE) and on made-up letters, forms, records, contracts, chats and prose with names of some
  fifty countries. The same input gives the same bytes; a test compares the hash of everything that
  the weights are made from with the one in \`weights.bin\`.
- Types: \`name\`, \`location\`, \`organization\`, and streets, which together with the numbers, codes
  and towns beside them become an \`address\`. \`location\` and \`organization\` are looked for only where
  a framework or \`entities\` asks for them.
- A person whose whole name was found is found again by the surname, the given name, a given name
  with an initial, initials (\`J. D.\`), \`Doe, Jane\`, and in the local part of a mail address. A
  surname that is also an ordinary word must be written like a name there.
- English texts are its home; names of all those countries are known, and it has seen sentences of
  a dozen other languages. It reads every text as if it could be in any of them: the option
  \`language\` does not change what the tagger does.

\`minConfidence\` cuts by the confidence of the tables below; without it the framework's threshold
does, for places 0.35 and for organisations 0.3: one left standing is worse than one too many taken.
A word that was tagged with less than 0.8 and is left alone in most of its places is left everywhere.
Under \`hipaa\` countries and states stay.

\`npm run quality:redact\` measures all of Redact's detection, and makes this page.
`;
