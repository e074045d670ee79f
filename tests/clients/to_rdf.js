// Reads a JSON list of JSON-LD documents, writes a JSON list of the N-Quads that jsonld.js makes of each. Nothing is fetched.
const jsonld = require("jsonld");
const { readFileSync } = require("node:fs");

const options = {
  format: "application/n-quads",
  documentLoader: (address) => {
    throw new Error(`${address} is not fetched`);
  },
};
Promise.all(JSON.parse(readFileSync(0, "utf8")).map((document) => jsonld.toRDF(document, options)))
  .then((all) => console.log(JSON.stringify(all)));
