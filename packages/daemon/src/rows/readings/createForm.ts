/** The reader of a form. */
import type { Form } from '../reading.js';
import { typeRuleOf } from '../typeRules.js';
import { dateTimeForm } from './dateTime.js';
import type { FormReader } from './form.js';
import { listForm } from './list.js';
import { numberForm } from './number.js';
import { plainForm } from './plain.js';
import { wordsForm } from './words.js';

export function createForm(form: Form): FormReader {
  switch (form.kind) {
    case 'number':
      return numberForm(form);
    case 'dateTime':
      return dateTimeForm(form.format, form.zone);
    case 'words':
      return wordsForm(form.words);
    case 'list':
      return listForm(form.delimiter, typeRuleOf(itemType(form.item, form.typmod)));
    case 'plain':
      return plainForm(form.type);
  }
}

/** An item of an array has no more than a name and the modifier of the array: a user's type has no rule. */
function itemType(name: string, typmod: number) {
  const base = { sql: name, base: name, name, kind: 'base' as const, system: true };
  return { ...base, typmod, element: null, labels: null, domain: null };
}
