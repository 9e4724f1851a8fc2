/** The encodings that csvjobs can guess, with the languages that use them. */
import type { Encoding } from '../encodings.js';
import type { Language } from './letterModels.js';

export interface Candidate {
  encoding: Encoding;
  /** Empty for East Asian encodings. */
  languages: readonly Language[];
  /** Cost before any evidence, in nats: how much less common it is than windows-1252 in today's files. */
  cost: number;
}

const WEST: readonly Language[] = ['de', 'fr', 'es', 'it', 'pt', 'nl', 'da', 'nb', 'sv', 'ca', 'is'];
const CENTRE: readonly Language[] = ['pl', 'cs', 'sk', 'hu', 'ro', 'hr', 'sl', 'de'];
const BALTIC: readonly Language[] = ['lt', 'lv', 'et'];
const CYRILLIC: readonly Language[] = ['ru', 'uk', 'bg', 'sr', 'mk'];

/** If several read a file the same way and cost the same, the first is reported. */
export const CANDIDATES: readonly Candidate[] = [
  { encoding: 'windows-1252', languages: WEST, cost: 0 },
  { encoding: 'windows-1250', languages: CENTRE, cost: 3 },
  { encoding: 'windows-1251', languages: CYRILLIC, cost: 2 },
  { encoding: 'windows-1253', languages: ['el'], cost: 2 },
  { encoding: 'windows-1254', languages: ['tr', ...WEST], cost: 4 },
  { encoding: 'windows-1257', languages: BALTIC, cost: 5 },
  { encoding: 'windows-1255', languages: ['he'], cost: 3 },
  { encoding: 'windows-1256', languages: ['ar'], cost: 3 },
  { encoding: 'windows-874', languages: ['th'], cost: 3 },
  { encoding: 'gb18030', languages: [], cost: 2 },
  { encoding: 'shift_jis', languages: [], cost: 2 },
  { encoding: 'big5', languages: [], cost: 2 },
  { encoding: 'euc-kr', languages: [], cost: 2 },
  { encoding: 'euc-jp', languages: [], cost: 4 },
  { encoding: 'iso-8859-15', languages: WEST, cost: 3 },
  { encoding: 'iso-8859-2', languages: CENTRE, cost: 4 },
  { encoding: 'macintosh', languages: WEST, cost: 5 },
  { encoding: 'koi8-r', languages: CYRILLIC, cost: 4 },
  { encoding: 'koi8-u', languages: CYRILLIC, cost: 5 },
  { encoding: 'iso-8859-7', languages: ['el'], cost: 4 },
  { encoding: 'iso-8859-5', languages: CYRILLIC, cost: 5 },
  { encoding: 'ibm850', languages: WEST, cost: 6 },
  { encoding: 'ibm852', languages: CENTRE, cost: 7 },
  { encoding: 'ibm866', languages: CYRILLIC, cost: 5 },
  { encoding: 'x-mac-cyrillic', languages: CYRILLIC, cost: 6 },
];
