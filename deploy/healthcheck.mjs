// The health check of the image: exit 0 when the daemon in this container takes work, 1 with the reason otherwise.
const url = `http://127.0.0.1:${process.env.API_PORT || 4000}/readyz`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4000) });
  if (!answer.ok) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 500)}`);
} catch (error) {
  process.stderr.write(`${url}: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
