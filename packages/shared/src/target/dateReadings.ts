/** Which dates a text may mean whose parts are in an order that only its author knows. */

const PARTS = /^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{1,4})(?!\d)/;

/** Whether `3/4/2024` can be read as more than one date; `31/12/2024` cannot, and neither can `4/4/2024`. */
export function hasSeveralDates(value: string): boolean {
  const [, first = '', , second = '', third = ''] = PARTS.exec(value) ?? [];
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  const orders = [[c, b, a], [c, a, b], ...(third.length <= 2 ? [[a, b, c]] : [])] as const;
  const dates = orders.flatMap(([year = 0, month = 0, day = 0]) =>
    month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month) ? [`${year}-${month}-${day}`] : [],
  );
  return new Set(dates).size > 1;
}

/** Days of a month; a year of two digits has the leap years of this century. */
function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year < 100 ? 2000 + year : year, month, 0)).getUTCDate();
}
