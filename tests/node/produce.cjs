// A producer in another language: judges payload and document by what memshelf-gen has exported, then inserts.
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;
const { MongoClient, BSON } = require("mongodb");

const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
addFormats(ajv);
for (const schema of [asked.envelope, asked.schema]) ajv.addSchema(schema);
const isPayload = ajv.getSchema(asked.schema.$id);
const isQueued = ajv.getSchema(asked.envelope.$id + "#/$defs/Queued");

async function main() {
  const client = await MongoClient.connect(process.env.MONGO_URL);
  const jobs = client.db(asked.database).collection("jobs");
  const told = [];
  for (const data of asked.payloads) {
    const { name, queue, priority, version, digest } = asked.entry;
    const job = { name, data, state: "ready", queue, priority, runAt: new Date(), version, schema: digest };
    const valid = isPayload(data) && isQueued(JSON.parse(BSON.EJSON.stringify(job)));
    if (valid) told.push((await jobs.insertOne(job)).insertedId.toHexString());
    else told.push(null);
  }
  await client.close();
  process.stdout.write(JSON.stringify(told));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
