/**
 * Names of columns whose digits are a code: telephone numbers, postal codes, account and identity numbers. No one adds
 * them up, and the next file may have one with a leading zero, a plus sign, or a letter.
 */

/** One word of the name is enough. */
const WORDS = new Set(
  `phone phones telephone telephones tel telefon telefono telefone telefoon telefonnummer telefonnr phonenumber phoneno mobile
   mobil mobilnummer movil celular cellphone cell handy handynummer fax faxnummer telefax whatsapp msisdn
   zip zipcode zipcodes postcode postcodes postalcode postal plz postleitzahl cep
   iban bic blz bankleitzahl kontonummer kontonr accountno accountnumber ean gtin upc isbn issn imei ssn passport passportno
   steuernummer steuernr vat vatno vatid taxid idnumber ausweisnummer`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Words that mean a code if a word for "number" follows; alone they may be the key of a table. */
const NUMBERED = new Set(
  'account acct konto bank card credit id identity passport routing serial licence license'.split(' '),
);
/** Words that also mean a code with `id`. An account ID, in contrast, may be the key of its table. */
const OFFICIAL = new Set(['tax', 'national']);
const NUMBER = new Set('no nr num number code numero nummer'.split(' '));

/** With these words, even a telephone column has counts or measurements. */
const COUNTED = new Set(
  'count counts total amount cost costs price calls minutes users size length of id age sales orders rate percent share duration'.split(
    ' ',
  ),
);

/** Whether a header names a column of codes. */
export function namesCode(header: string): boolean {
  const words = wordsOf(header);
  if (words.some((word) => WORDS.has(word))) return !words.some((word) => COUNTED.has(word));
  return words.some((word, at) => {
    const next = words[at + 1] ?? '';
    return NUMBERED.has(word) ? NUMBER.has(next) : OFFICIAL.has(word) && (NUMBER.has(next) || next === 'id');
  });
}

/** Splits a header into words: `homePhone`, `Home-Phone` and `HOME_PHONE` are two words each. Ignores accents. */
function wordsOf(header: string): string[] {
  return header
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((word) => word.replace(/\d+$/, '') || []);
}
