// Agenda on the same server: `drain COUNT` or `pickup COUNT`; prints one line of JSON.
// Settings as its manual recommends for production: a change stream for notifications, majority writes.

import { Agenda } from "agenda";
import { MongoBackend, MongoChangeStreamNotificationChannel } from "@agendajs/mongo-backend";
import { MongoClient } from "mongodb";

const [url, database, task, number] = process.argv.slice(2);
const count = Number(number);
const payload = { to: "ada@example.com", subject: "Hello", body: "How are you?", priority: "high" };
const client = await MongoClient.connect(url, { writeConcern: { w: "majority" } });
const db = client.db(database);
const agenda = new Agenda({
  backend: new MongoBackend({ mongo: db }),
  notificationChannel: new MongoChangeStreamNotificationChannel({ db }),
  processEvery: 100,
  maxConcurrency: 400,
  defaultConcurrency: 400,
  defaultLockLimit: 400,
});
await agenda.ready;

async function drain() {
  let done = 0;
  let all;
  const finished = new Promise((resolve) => (all = resolve));
  agenda.define("send-email", async () => {});
  agenda.on("success:send-email", () => ++done === count && all());
  const now = new Date();
  const stored = await db.collection("agendaJobs").countDocuments();
  if (stored === 0) {
    const jobs = Array.from({ length: count }, () => ({
      name: "send-email", data: payload, priority: 0, type: "normal", nextRunAt: now, lockedAt: null,
    }));
    await db.collection("agendaJobs").insertMany(jobs, { ordered: false });
  }
  const began = performance.now();
  await agenda.start();
  await finished;
  return { rate: (count / (performance.now() - began)) * 1000 };
}

async function pickup() {
  let begun;
  agenda.define("send-email", async () => begun(performance.now()));
  await agenda.start();
  const waits = [];
  for (let index = 0; index <= count; index++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const beginning = new Promise((resolve) => (begun = resolve));
    const sent = performance.now();
    await agenda.now("send-email", payload);
    if (index > 0) waits.push((await beginning) - sent);
    else await beginning;
  }
  return { waits };
}

const told = await { drain, pickup }[task]();
console.log(JSON.stringify(told));
process.exit(0);
