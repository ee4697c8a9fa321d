/** Names of months, whole and short, of the languages of the EEA, from CLDR; English ones first. */
const MONTHS = [
  'january|february|march|april|may|june|july|august|september|october|november|december',
  'jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec',
  'januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|jän|mrz|okt|dez',
  'janvier|février|fevrier|mars|avril|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|janv|févr|fevr|avr|juil|déc',
  'enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|ene|abr|ago|dic',
  'gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|gen|mag|giu|lug|set|ott',
  'januari|februari|maart|mei|augustus|mrt',
  'janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|fev|mai|out',
  'stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia',
  'ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince',
  'januára|februára|apríla|mája|júna|júla|augusta|septembra|októbra|novembra|decembra',
  'marts|augusti|desember|maj',
  'tammikuuta|helmikuuta|maaliskuuta|huhtikuuta|toukokuuta|kesäkuuta|heinäkuuta|elokuuta|syyskuuta|lokakuuta|marraskuuta|joulukuuta',
  'január|február|március|április|május|június|július|augusztus|szeptember|október',
  'ianuarie|februarie|martie|aprilie|iunie|iulie|septembrie|octombrie|noiembrie|decembrie',
  'януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември',
  'ιανουαρίου|φεβρουαρίου|μαρτίου|απριλίου|μαΐου|ιουνίου|ιουλίου|αυγούστου|σεπτεμβρίου|οκτωβρίου|νοεμβρίου|δεκεμβρίου',
].join('|');
/** In small letters. */
export const MONTH_NAMES: readonly string[] = [
  ...new Set(MONTHS.split('|').flatMap((name) => (name === 'sept?' ? ['sept', 'sep'] : [name]))),
];
/** As alternatives, longer ones first. */
export const MONTH_NAME = MONTH_NAMES.toSorted((a, b) => b.length - a.length).join('|');
