/** Creates the reader of a form. */
import type { Form } from '../reading.js';
import { itemRuleOf } from '../typeRules.js';
import { enumRule } from '../types/enumeration.js';
import type { TypeRule } from '../types/typeRule.js';
import { dateTimeForm } from './dateTime.js';
import type { FormReader } from './form.js';
import { keyValueForm } from './keyValue.js';
import { listForm } from './list.js';
import { localTimeForm } from './localTime.js';
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
      return wordsForm(form.words, form.booleans);
    case 'list':
      return listForm(form.delimiter, itemRule(form));
    case 'localTime':
      return localTimeForm(form.timeZone, form.of, form.form && createForm(form.form));
    case 'plain':
      return plainForm(form.type);
    case 'keyValue':
      return keyValueForm(form.type, form.form && createForm(form.form));
  }
}

function itemRule({ item, system, typmod, labels }: Extract<Form, { kind: 'list' }>): TypeRule | undefined {
  if (labels) return enumRule(labels);
  return system ? itemRuleOf(item, typmod) : undefined;
}
