// Asks the GraphQL server at a URL what the audits of graphql-http ask, one after the other, and prints a JSON array of
// { id, name, status, reason }:
//
//     node run.js http://localhost:8080/graphql
import { serverAudits } from "graphql-http";

const results = [];
for (const audit of serverAudits({ url: process.argv[2] })) {
  const { id, name, status, reason } = await audit.fn();
  results.push({ id, name, status, reason });
}
console.log(JSON.stringify(results));
