// Compile schemas with ajv in its strict mode and judge payloads: {schemas, payloads, strict} in, verdicts out.
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const ajv = new Ajv({ allErrors: true, strict: true, ...asked.options });
addFormats(ajv);
for (const schema of asked.schemas) ajv.addSchema(schema);
const verdicts = asked.payloads.map(([id, payload]) => ajv.getSchema(id)(payload));
process.stdout.write(JSON.stringify(verdicts));
