/** The functions that an SQL expression calls, as pg_get_expr writes it. Casts are not calls. */

/** Returns their names, each as often as it is called; a quoted name, whatever it is, as `"…"`. */
export function calledFunctions(expression: string): string[] {
  // Quoted names may contain anything, also `::` or a bracket.
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, "''").replaceAll(/"(?:[^"]|"")*"/g, '"…"');
  return [...bare.matchAll(/(?<!::|[\w.…"])((?:\w+|"…")(?:\.(?:\w+|"…"))*)\s*\(/g)].map(([, name]) => name!);
}
