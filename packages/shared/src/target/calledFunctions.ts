/** The functions that an SQL expression calls, as pg_get_expr writes it. Casts are not calls. */

/** Returns their names as written, each as often as it is called. */
export function calledFunctions(expression: string): string[] {
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, "''");
  return [...bare.matchAll(/(?<![\w.":])([\w."]+)\s*\(/g)].map(([, name]) => name!);
}
