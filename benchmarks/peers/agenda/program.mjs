// Agenda: one worker of 400 slots, a change stream for notifications, majority writes, as its manual has it for production.

import { Agenda } from "agenda";
import { MongoBackend, MongoChangeStreamNotificationChannel } from "@agendajs/mongo-backend";
import { MongoClient } from "mongodb";
import { main, payload } from "./stopwatch.mjs";

const client = await MongoClient.connect(process.env.BENCH_URL, { writeConcern: { w: "majority" } });
const db = client.db(process.env.BENCH_DATABASE);
const agenda = new Agenda({
  backend: new MongoBackend({ mongo: db }),
  notificationChannel: new MongoChangeStreamNotificationChannel({ db }),
  processEvery: 100,
  maxConcurrency: 400,
  defaultConcurrency: 400,
  defaultLockLimit: 400,
});
await agenda.ready;

await main({
  async fill(count) {
    const now = new Date();
    const jobs = Array.from({ length: count }, () => ({
      name: "send-email", data: payload, priority: 0, type: "normal", nextRunAt: now, lockedAt: null,
    }));
    if (count > 0) await db.collection("agendaJobs").insertMany(jobs, { ordered: false });
  },
  async work(handler) {
    agenda.define("send-email", handler);
    await agenda.start();
  },
  send: () => agenda.now("send-email", payload),
});
