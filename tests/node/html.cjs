// Hold pages against the HTML standard and rules of accessibility: {pages} in, what html-validate says out.
const { HtmlValidate } = require("html-validate");

const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const judge = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard", "html-validate:a11y"],
});

async function main() {
  const told = {};
  for (const [name, text] of Object.entries(asked.pages)) {
    const report = await judge.validateString(text);
    told[name] = report.results.flatMap((each) =>
      each.messages.map((one) => `${one.line}:${one.column} ${one.ruleId}: ${one.message}`),
    );
  }
  process.stdout.write(JSON.stringify(told));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
