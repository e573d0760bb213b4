// Times a queue whose worker and producer live in this process: `fill COUNT`, `drain COUNT` or `pickup COUNT`.
// A program gives three functions and calls `main`; what was found goes out as one line of JSON.

export const payload = { to: "ada@example.com", subject: "Hello", body: "How are you?", priority: "high" };
const PAUSE = 20; // ms between two jobs, in which the worker is idle again
const WARM = 5; // pick-ups that do not count

export async function main({ fill, work, send }) {
  const [task, number] = process.argv.slice(2);
  const count = Number(number);
  const told = await { fill: () => fill(count), drain: () => drain(count, work), pickup: () => pickup(count, work, send) }[
    task
  ]();
  console.log(JSON.stringify(told ?? null));
  process.exit(0);
}

// `performance.now()` counts from the start of the process.
async function drain(count, work) {
  let done = 0;
  let first, all;
  const finished = new Promise((resolve) => (all = resolve));
  await work(async () => {
    const now = performance.now();
    first ??= now;
    if (++done === count) all(now);
  });
  const last = await finished;
  return { rate: (count / (last - first)) * 1000, from_start: (count / last) * 1000 };
}

async function pickup(count, work, send) {
  let begun;
  await work(async () => begun(performance.now()));
  const waits = [];
  for (let index = 0; index < WARM + count; index++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const beginning = new Promise((resolve) => (begun = resolve));
    const sent = performance.now();
    await send();
    waits.push((await beginning) - sent);
  }
  return { waits: waits.slice(WARM) };
}
