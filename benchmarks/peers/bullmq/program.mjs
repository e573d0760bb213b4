// BullMQ: one worker of 100 slots, with the settings of its guide "Going to production"; 50 and 400 slots were slower.
// Finished jobs are removed by age and number.

import { Queue, Worker } from "bullmq";
import { main, payload } from "./stopwatch.mjs";

const CONCURRENCY = 100;
const { hostname: host, port } = new URL(process.env.BENCH_URL);
const kept = { removeOnComplete: { age: 3600, count: 1000 }, removeOnFail: { age: 24 * 3600 } };
const queue = new Queue("email", { connection: { host, port: Number(port) }, defaultJobOptions: kept });

await main({
  async fill(count) {
    const redis = await queue.client;
    await redis.flushall();
    for (let first = 0; first < count; first += 1000) {
      const number = Math.min(1000, count - first);
      await queue.addBulk(Array.from({ length: number }, () => ({ name: "send-email", data: payload })));
    }
  },
  async work(handler) {
    const connection = { host, port: Number(port), maxRetriesPerRequest: null };
    const worker = new Worker("email", handler, { connection, concurrency: CONCURRENCY });
    await worker.waitUntilReady();
  },
  send: () => queue.add("send-email", payload),
});
