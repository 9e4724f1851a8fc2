// Counts the letter models by which encodings are guessed (packages/daemon/src/pipeline/decode/guess/letterModels.ts), and
// prints the lines of that file. Run where these are installed:
//   apt-get install wngerman wfrench wspanish witalian wportuguese wdutch wdanish wnorwegian wswedish wcatalan wpolish
//     wukrainian wbulgarian
//   npm install @faker-js/faker@9 dictionary-{is,cs,sk,hu,ro,hr,sl,tr,lt,lv,et,ru,sr,mk,el,he}
//   node scripts/letter-models.mjs <folder of node_modules>
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const folder = process.argv[2] ?? process.cwd();
const { allLocales } = createRequire(join(folder, 'x.js'))('@faker-js/faker');

/** Names weigh as much as half of the dictionary, but no name more than 50 words of it. */
const NAME_SHARE = 0.5;
const MOST_WEIGHT = 50;
/** Letters with a smaller share of those beyond ASCII are foreign to the language; rarer followers are left out. */
const LEAST_SHARE = 0.0005;
const MOST_BITS = 8;
const MOST_WORDS = 400_000;

function debian(name) {
  const bytes = readFileSync(`/usr/share/dict/${name}`);
  const text = bytes.toString('utf8');
  return (text.includes('\ufffd') ? bytes.toString('latin1') : text).split('\n');
}

function hunspell(name) {
  const text = readFileSync(join(folder, 'node_modules', `dictionary-${name}`, 'index.dic'), 'utf8');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/[/\t]/)[0]);
}

function names(...locales) {
  const strings = (value) =>
    typeof value === 'string'
      ? [value]
      : value && typeof value === 'object'
        ? Object.entries(value)
            .filter(([key]) => !/pattern|format/.test(key))
            .flatMap(([, each]) => strings(each))
        : [];
  return locales.flatMap((locale) => {
    const { person, location, company, commerce } = allLocales[locale];
    return strings({ person, location, company, commerce });
  });
}

/** By language: its script, its dictionary and its names. */
const SOURCES = {
  de: ['Latin', debian('ngerman'), names('de', 'de_AT', 'de_CH')],
  fr: ['Latin', debian('french'), names('fr', 'fr_BE', 'fr_CH', 'fr_CA')],
  es: ['Latin', debian('spanish'), names('es', 'es_MX')],
  it: ['Latin', debian('italian'), names('it')],
  pt: ['Latin', debian('portuguese'), names('pt_PT', 'pt_BR')],
  nl: ['Latin', debian('dutch'), names('nl', 'nl_BE')],
  da: ['Latin', debian('danish'), names('da')],
  nb: ['Latin', debian('bokmaal'), names('nb_NO')],
  sv: ['Latin', debian('swedish'), names('sv')],
  fi: ['Latin', [], names('fi')],
  ca: ['Latin', debian('catalan'), []],
  is: ['Latin', hunspell('is'), []],
  pl: ['Latin', debian('polish'), names('pl')],
  cs: ['Latin', hunspell('cs'), names('cs_CZ')],
  sk: ['Latin', hunspell('sk'), names('sk')],
  hu: ['Latin', hunspell('hu'), names('hu')],
  ro: ['Latin', bothCommas(hunspell('ro')), bothCommas(names('ro'))],
  hr: ['Latin', hunspell('hr'), names('hr', 'sr_RS_latin')],
  sl: ['Latin', hunspell('sl'), []],
  tr: ['Latin', hunspell('tr'), names('tr')],
  lt: ['Latin', hunspell('lt'), []],
  lv: ['Latin', hunspell('lv'), names('lv')],
  et: ['Latin', hunspell('et'), []],
  ru: ['Cyrillic', hunspell('ru'), names('ru')],
  uk: ['Cyrillic', debian('ukrainian'), names('uk')],
  bg: ['Cyrillic', debian('bulgarian'), []],
  sr: ['Cyrillic', hunspell('sr'), []],
  mk: ['Cyrillic', hunspell('mk'), names('mk')],
  el: ['Greek', hunspell('el'), names('el')],
  he: ['Hebrew', hunspell('he'), names('he')],
  ar: ['Arabic', [], names('ar')],
  th: ['Thai', [], names('th')],
};

/** Romanian in Unicode has commas below s and t; its old encodings have cedillas. */
function bothCommas(words) {
  const cedilla = { ș: 'ş', ț: 'ţ', Ș: 'Ş', Ț: 'Ţ' };
  return words.flatMap((word) => [word, word.replace(/[șțȘȚ]/g, (letter) => cedilla[letter])]);
}

function wordsOf(texts, script) {
  const inScript = new RegExp(`^[\\p{Script=${script}}\\p{M}]+$`, 'u');
  const all = texts.flatMap((text) => text.normalize('NFC').split(/[^\p{L}\p{M}]+/u));
  return [...new Set(all)].filter((word) => /[\u0080-\uffff]/.test(word) && inScript.test(word));
}

function hashOf(word) {
  let hash = 7;
  for (const letter of word) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  return hash;
}

function fold(letter) {
  const small = letter.toLowerCase();
  return small.length === 1 ? small : letter;
}

function modelOf([script, dictionary, named]) {
  let words = wordsOf(dictionary, script);
  const step = Math.ceil(words.length / MOST_WORDS);
  words = words.filter((word) => hashOf(word) % step === 0);
  const given = wordsOf(named, script);
  const weight = Math.max(1, Math.min(MOST_WEIGHT, (words.length * NAME_SHARE) / Math.max(1, given.length)));
  const followers = new Map();
  const letters = new Map();
  const add = (map, key, count) => map.set(key, (map.get(key) ?? 0) + count);
  for (const [list, count] of [
    [words, 1],
    [given, weight],
  ])
    for (const word of list) {
      let before = '_';
      for (const letter of [...[...word].map(fold), '_']) {
        if (letter > '\x7f') add(letters, letter, count);
        if (letter > '\x7f' || before > '\x7f') {
          if (!followers.has(before)) followers.set(before, new Map());
          add(followers.get(before), letter, count);
        }
        before = letter;
      }
    }
  const total = [...letters.values()].reduce((sum, count) => sum + count, 0);
  const isOwn = (letter) => letter <= '\x7f' || letters.get(letter) / total > LEAST_SHARE;
  const entries = [...followers]
    .filter(([letter]) => isOwn(letter))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return entries
    .flatMap(([letter, after]) => {
      const levels = [true, false].map((high) =>
        levelsOf([...after].filter(([next]) => next > '\x7f' === high && isOwn(next))),
      );
      return levels.join('') === '' ? [] : [letter + levels.join('')];
    })
    .join(' ');
}

function levelsOf(counted) {
  const total = counted.reduce((sum, [, count]) => sum + count, 0);
  if (total < 3) return '';
  return counted
    .sort(([, one], [, other]) => other - one)
    .map(([letter, count]) => [letter, Math.round(-Math.log2(count / total))])
    .filter(([, bits]) => bits <= MOST_BITS)
    .map(([letter, bits]) => letter + bits)
    .join('');
}

for (const [language, sources] of Object.entries(SOURCES))
  console.log(`  ${language}: '${modelOf(sources)}',`);
