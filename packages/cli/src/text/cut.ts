/** Cuts texts that are too wide, so that what tells them apart stays. */

/** The width of a text in cells. */
export type Measure = (text: string) => number;

/** Cuts a text in the middle with `…`, so that the start and the extension of a name stay. */
export function cutMiddle(text: string, room: number, measure: Measure): string {
  if (measure(text) <= room) return text;
  if (room <= 1) return room === 1 ? '…' : '';
  const graphemes = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const tail: string[] = [];
  const head: string[] = [];
  let left = room - 1;
  const tailRoom = Math.floor(left / 2);
  for (let used = 0; graphemes.length > 0; ) {
    const cells = measure(graphemes.at(-1) ?? '');
    if (used + cells > tailRoom) break;
    used += cells;
    left -= cells;
    tail.unshift(graphemes.pop() ?? '');
  }
  for (const grapheme of graphemes) {
    const cells = measure(grapheme);
    if (cells > left) break;
    left -= cells;
    head.push(grapheme);
  }
  return `${head.join('')}…${tail.join('')}`;
}

/**
 * Returns each text in at most `room` cells. Those that `cutMiddle` would make equal keep the part in which they
 * differ: `sales-2024-01-north.csv` and `sales-2024-02-north.csv` become `sal…01-…csv` and `sal…02-…csv`.
 */
export function cutApart(texts: readonly string[], room: number, measure: Measure): string[] {
  const cut = texts.map((text) => cutMiddle(text, room, measure));
  const alike = new Map<string, Set<string>>();
  for (const [at, text] of texts.entries()) {
    const others = alike.get(cut[at]!) ?? new Set();
    alike.set(cut[at]!, others.add(text));
  }
  const apart = new Map<string, string>();
  for (const group of alike.values())
    if (group.size > 1)
      for (const [text, shown] of withDifference([...group], room, measure)) apart.set(text, shown);
  return texts.map((text, at) => apart.get(text) ?? cut[at]!);
}

function withDifference(texts: readonly string[], room: number, measure: Measure): [string, string][] {
  const all = texts.map((text) => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment));
  const [common, commonEnd] = sharedEnds(all);
  const [before, after] = toWholeWords(all, common, commonEnd, room, measure);
  // With too little room there is nothing to keep apart by.
  if (before + after === 0 || room < 3) return [];
  const parts = all.map((text) => text.slice(before, text.length - after).join(''));
  const differences = cutApart(parts, room - 2, measure);
  return all.map((text, at) => {
    const [head, tail] = [text.slice(0, before), text.slice(text.length - after)];
    const left = room - 2 - measure(differences[at]!);
    const end = fitting(tail.reverse(), Math.floor(left / 2), measure).reverse();
    const start = fitting(head, left - measure(end.join('')), measure);
    const gap = (shown: readonly string[], whole: readonly string[]) =>
      shown.length < whole.length ? '…' : '';
    return [texts[at]!, [...start, gap(start, head), differences[at]!, gap(end, tail), ...end].join('')];
  });
}

function sharedEnds(all: readonly (readonly string[])[]): [before: number, after: number] {
  const before = inCommon(all);
  return [before, inCommon(all.map((text) => text.slice(before).reverse()))];
}

/** Adds the rest of the words in which the texts differ, if they leave room for half as much of the rest. */
function toWholeWords(
  all: readonly (readonly string[])[],
  before: number,
  after: number,
  room: number,
  measure: Measure,
): [before: number, after: number] {
  const [first = []] = all;
  const isLetter = (at: number) => /^[\p{L}\p{N}]/u.test(first[at] ?? '');
  let [start, end] = [before, first.length - after];
  while (start > 0 && isLetter(start - 1)) start -= 1;
  while (end < first.length && isLetter(end)) end += 1;
  const kept: [number, number] = [start, first.length - end];
  const widest = Math.max(...all.map((text) => measure(text.slice(kept[0], text.length - kept[1]).join(''))));
  return widest <= (room * 2) / 3 ? kept : [before, after];
}

/** How many elements all lists begin with. */
function inCommon(lists: readonly (readonly string[])[]): number {
  const [first = []] = lists;
  const differs = first.findIndex((each, at) => lists.some((list) => list[at] !== each));
  return differs < 0 ? first.length : differs;
}

/** The first of the graphemes, as many as fit. */
function fitting(graphemes: readonly string[], room: number, measure: Measure): string[] {
  const shown: string[] = [];
  let left = room;
  for (const each of graphemes) {
    left -= measure(each);
    if (left < 0) break;
    shown.push(each);
  }
  return shown;
}
