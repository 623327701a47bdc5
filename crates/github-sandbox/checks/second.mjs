// Asks the sandbox and a GitHub emulator made by others (npm `emulate`) the same things, and compares what they answer:
// the status, the shape, and what each step says matters.
//
//   node second.mjs URL
//
// Where the two differ, `known` says why, and which one is right. A difference that is not listed fails, and so does one
// that is listed and is no more. Prints "N alike, N known differences, N failed"; exits 1 when something failed.
import net from "node:net";

const url = process.argv[2];
if (!url) {
  console.error("usage: node second.mjs URL");
  process.exit(2);
}

// The emulator listens on every interface; a check has no business there.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port: typeof port === "object" ? port.port : port, host: "127.0.0.1" }, ...rest.filter((one) => typeof one === "function"));
};
const { createEmulator } = await import("emulate");

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const repo = `second-${Date.now().toString(36)}`;
const port = await freePort();
const emulator = await createEmulator({
  service: "github", port, baseUrl: `http://127.0.0.1:${port}`,
  seed: {
    tokens: { "sandbox-token": { login: "followup-bot", scopes: ["repo", "user"] } },
    github: {
      users: [{ login: "followup-bot" }, { login: "octo-dev" }],
      orgs: [{ login: "acme", members: [{ login: "followup-bot", role: "admin" }, { login: "octo-dev", role: "member" }] }],
      repos: [{ owner: "acme", name: repo }],
    },
  },
});
const made = await fetch(`${url}/_sandbox/repo`, { method: "POST", body: JSON.stringify({ repo: `acme/${repo}` }) });
if (!made.ok) throw new Error(`the sandbox makes no repository: ${await made.text()}`);

const names = (labels) => labels.map((label) => label.name).sort();
const state = (issue) => [issue.state, issue.state_reason, issue.closed_at !== null];
const count = (list) => list.length;

/** What is asked, in order: a name, a method, a path below the repository, a body, and what of the answer matters. */
const steps = [
  ["create", "POST", "/issues", { title: "Rotate the signing key", body: "soon", labels: ["sev:1", "overdue"], assignees: ["octo-dev"] }, (issue) => [issue.number, issue.title, issue.body, names(issue.labels), issue.assignees.map((user) => user.login)]],
  ["create another", "POST", "/issues", { title: "Write a runbook" }, (issue) => [issue.number, issue.body]],
  ["get", "GET", "/issues/1", undefined, state],
  ["get nothing", "GET", "/issues/99"],
  ["list", "GET", "/issues", undefined, (list) => list.map((issue) => issue.number)],
  ["list a page", "GET", "/issues?per_page=1&page=2&direction=asc", undefined, (list) => list.map((issue) => issue.number)],
  ["list by label", "GET", "/issues?labels=sev:1", undefined, count],
  ["list by label in other letters", "GET", "/issues?labels=SEV:1", undefined, count],
  ["list since its own second", "GET", "/issues?since=SECOND", undefined, count],
  ["change the title", "PATCH", "/issues/1", { title: "Rotate both keys" }, (issue) => issue.title],
  ["empty the body", "PATCH", "/issues/1", { body: "" }],
  ["change to no such state", "PATCH", "/issues/1", { state: "bogus" }],
  ["create without a title", "POST", "/issues", { body: "no title" }],
  ["create with a long title", "POST", "/issues", { title: "x".repeat(257) }],
  ["add labels", "POST", "/issues/1/labels", { labels: ["later"] }, names],
  ["replace labels", "PUT", "/issues/1/labels", { labels: ["sev:2", "later"] }, names],
  ["remove a label", "DELETE", "/issues/1/labels/later", undefined, names],
  ["remove a label again", "DELETE", "/issues/1/labels/later"],
  ["labels of the issue", "GET", "/issues/1/labels", undefined, names],
  ["make a label", "POST", "/labels", { name: "Bug Fix", color: "ff0000" }, (label) => label.name],
  ["make it in other letters", "POST", "/labels", { name: "bug fix", color: "ff0000" }],
  ["assign", "POST", "/issues/2/assignees", { assignees: ["octo-dev"] }, (issue) => issue.assignees.map((user) => user.login)],
  ["assign nobody we know", "POST", "/issues/2/assignees", { assignees: ["nobody-at-all"] }],
  ["comment", "POST", "/issues/1/comments", { body: "/due 2026-12-01" }, (comment) => [comment.body, comment.user.login]],
  ["comments", "GET", "/issues/1/comments", undefined, (list) => list.map((comment) => comment.body)],
  ["a milestone", "POST", "/milestones", { title: "Q4", due_on: "2026-12-31T08:00:00Z" }, (milestone) => [milestone.number, milestone.title, milestone.state]],
  ["under the milestone", "PATCH", "/issues/1", { milestone: 1 }, (issue) => issue.milestone.title],
  ["sub-issues", "GET", "/issues/1/sub_issues"],
  ["blocked by", "GET", "/issues/1/dependencies/blocked_by"],
  ["close as not planned", "PATCH", "/issues/1", { state: "closed", state_reason: "not_planned" }, state],
  ["reopen", "PATCH", "/issues/1", { state: "open" }, state],
  ["close as duplicate", "PATCH", "/issues/1", { state: "closed", state_reason: "duplicate" }, state],
  ["give a reason alone", "PATCH", "/issues/2", { state_reason: "not_planned" }, (issue) => issue.state],
  ["closed ones", "GET", "/issues?state=closed", undefined, (list) => list.map((issue) => issue.number)],
  ["timeline", "GET", "/issues/1/timeline?per_page=100", undefined, (list) => [...new Set(list.map((event) => event.event))].sort()],
  ["lock", "PUT", "/issues/1/lock", {}],
];

/** What is known to differ, and why. The left side is what this check prints of it. */
const known = {
  "anywhere: type is only here": "the emulator knows no issue types",
  "anywhere: sub_issues_summary is only here": "the emulator knows no sub-issues",
  "anywhere: issue_dependencies_summary is only here": "the emulator knows no dependencies",
  "sub-issues: 200 here and 404 there": "the same",
  "blocked by: 200 here and 404 there": "the same",
  "list by label in other letters: 1 here and 0 there": "GitHub's labels are one whatever their case",
  "make it in other letters: 422 here and 201 there": "the same",
  "list since its own second: 2 here and 0 there": "the emulator compares texts, one of which has milliseconds; GitHub has whole seconds",
  "change to no such state: 422 here and 200 there": "the emulator ignores states it does not know",
  "create with a long title: 422 here and 201 there": "the emulator has no limits on texts",
  "assign: 201 here and 200 there": "GitHub's description says 201",
  "assign nobody we know: 201 here and 422 there": "GitHub's description says that they are ignored",
  'close as duplicate: ["closed","duplicate",true] here and ["closed","completed",true] there': "the emulator does not know this reason",
  'timeline: ["assigned","closed","commented","labeled","milestoned","renamed","reopened","unlabeled"] here and ["closed","edited","labeled","milestoned","opened","reopened","unlabeled"] there':
    "GitHub's timeline says `renamed`, and tells neither of the opening nor of edits",
  "timeline: [].performed_via_github_app is only here": "GitHub's description has it",
  "timeline: [].assignee is only there": "the emulator's events all have the same members; GitHub's have those of their kind",
  "timeline: [].milestone is only there": "the same",
  "timeline: [].rename is only there": "the same",
  "timeline: [].issue is only there": "the same",
};

const kind = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** Where two answers differ in what they have and of what kind it is; null may be anything. */
function shapes(ours, theirs, at, found) {
  if (ours === null || theirs === null || ours === undefined || theirs === undefined) return;
  if (kind(ours) !== kind(theirs)) found.push(`${at || "the answer"} is ${kind(ours)} here and ${kind(theirs)} there`);
  else if (Array.isArray(ours)) {
    if (ours.length > 0 && theirs.length > 0) shapes(ours[0], theirs[0], `${at}[]`, found);
  } else if (typeof ours === "object") {
    for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const place = at ? `${at}.${name}` : name;
      if (!(name in theirs)) found.push(`${place} is only here`);
      else if (!(name in ours)) found.push(`${place} is only there`);
      else shapes(ours[name], theirs[name], place, found);
    }
  }
}

async function ask(root, method, path, body, since) {
  const answer = await fetch(`${root}/repos/acme/${repo}${path.replace("SECOND", since)}`, {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { authorization: "Bearer sandbox-token", "user-agent": "check", "content-type": "application/json" },
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}

let alike = 0;
let failed = 0;
const met = new Set();
function differs(what) {
  if (what in known) met.add(what);
  else {
    failed += 1;
    console.log(`not known to differ: ${what}`);
  }
}

const since = {};
for (const [what, method, path, body, matters] of steps) {
  const ours = await ask(url, method, path, body, since.ours);
  const theirs = await ask(emulator.url, method, path, body, since.theirs);
  if (what === "create") {
    since.ours = ours.body.updated_at.replace(/\.\d+Z$/, "Z");
    since.theirs = theirs.body.updated_at.replace(/\.\d+Z$/, "Z");
  }
  const found = [];
  if (ours.status !== theirs.status) found.push(`${ours.status} here and ${theirs.status} there`);
  else if (ours.status < 300) {
    shapes(ours.body, theirs.body, "", found);
    const [left, right] = [ours, theirs].map((answer) => JSON.stringify(matters?.(answer.body)));
    if (left !== right) found.push(`${left} here and ${right} there`);
  }
  const anywhere = (difference) => `anywhere: ${difference.replace("[].", "")}`;
  if (found.every((difference) => anywhere(difference) in known)) alike += 1;
  for (const difference of found) differs(anywhere(difference) in known ? anywhere(difference) : `${what}: ${difference}`);
}
for (const what of Object.keys(known).filter((one) => !met.has(one))) {
  failed += 1;
  console.log(`known to differ, and does not: ${what}`);
}
console.log(`${alike} alike, ${met.size} known differences, ${failed} failed`);
await emulator.close();
process.exitCode = failed === 0 ? 0 : 1;
