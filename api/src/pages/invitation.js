// Shows the invitation whose token stands in the fragment, and answers it when a button is clicked.

const element = (id) => document.getElementById(id);
const token = new URLSearchParams(location.hash.slice(1)).get("token");

// Another link pasted into the same tab changes nothing but the fragment.
addEventListener("hashchange", () => location.reload());

/** Something that went wrong, in words for the person who looks at the page. */
class Problem extends Error {}

async function post(path, body, jwt) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (jwt) headers.Authorization = `Bearer ${jwt}`;
  let response;
  try {
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new Problem("The server did not answer. Is it still running?");
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Problem(`The server answered ${response.status}: ${text.slice(0, 300) || "nothing"}`);
  }
  // GraphQL's errors, or those of a plain endpoint.
  const error = answer?.errors?.[0]?.message ?? answer?.message ?? answer?.error?.message ?? answer?.error;
  if (answer?.errors?.length || !response.ok) {
    throw new Problem(typeof error === "string" ? error : `The server answered ${response.status}.`);
  }
  return answer;
}

async function graphql(query, jwt) {
  return (await post("/graphql", { query, variables: { token } }, jwt)).data;
}

function show(title, lead = "") {
  element("title").textContent = title;
  element("lead").textContent = lead;
  document.title = `${title} · Roster`;
}

function showDetails(rows) {
  const list = element("details");
  for (const [name, value] of rows) {
    if (!value) continue;
    list.append(
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    );
  }
  list.hidden = false;
}

function showNext(...links) {
  element("next").append(
    ...links.map(([textContent, href]) => Object.assign(document.createElement("a"), { textContent, href })),
  );
  element("next").hidden = false;
}

const MAIL = ["Mail", "/mail"];
const aRole = (role) => (/^[AEIOU]/.test(role) ? "an " : "a ") + role.toLowerCase();
const when = (date) => new Date(date).toLocaleString([], { dateStyle: "long", timeStyle: "short" });

/** What to say about an invitation that cannot be answered any more. */
function over({ status, inviterName, organizationName, expiresAt }) {
  const ask = `Ask ${inviterName ?? "an administrator"} to invite you again.`;
  switch (status) {
    case "EXPIRED": return ["This invitation has expired", `It was valid until ${when(expiresAt)}. ${ask}`];
    case "REVOKED": return ["This invitation was revoked", `It no longer lets you join ${organizationName}. ${ask}`];
    case "DECLINED": return ["This invitation was declined", `Have you changed your mind? ${ask}`];
    case "ACCEPTED": return ["This invitation was accepted", `Its recipient is a member of ${organizationName}.`];
    default: return ["This invitation cannot be answered", ask];
  }
}

async function open() {
  if (!token) {
    return show(
      "This link is not complete",
      "The invitation's secret is missing: the address must end in #token=… Open the link in the email, or copy all of it.",
    );
  }
  const { invitation } = await graphql(`query ($token: String!) {
    invitation(token: $token) { organizationName inviterName role groupNames recipientMasked status expiresAt }
  }`);
  if (!invitation) {
    show("This link is not valid", "A newer email may hold a newer link. Otherwise ask for a new invitation.");
    return showNext(MAIL);
  }
  if (invitation.status !== "PENDING") {
    show(...over(invitation));
    return showNext(MAIL);
  }
  show(
    `Join ${invitation.organizationName}`,
    `${invitation.inviterName ?? "An administrator"} invites you to join ${invitation.organizationName} as ${aRole(invitation.role)}.`,
  );
  showDetails([
    ["Groups", invitation.groupNames?.join(", ")],
    ["Valid until", when(invitation.expiresAt)],
    ["Sent to", invitation.recipientMasked],
  ]);
  element("answer").hidden = false;
}

/** Signs in as the recipient and runs one of the two mutations. */
async function answer(mutation) {
  const { token: jwt, email } = await post("/dev/sign-in", { invitationToken: token });
  const payload = Object.values(await graphql(mutation, jwt))[0];
  if (payload.errors?.length) throw new Problem(payload.errors.map((error) => error.message).join(" "));
  element("details").hidden = element("answer").hidden = true;
  show(payload.message);
  element("title").focus();
  return { jwt, email };
}

async function accept() {
  const { jwt, email } = await answer(`mutation ($token: String!) {
    acceptInvitation(input: { token: $token }) { changed message errors { code message } member { id } }
  }`);
  showNext([`Open the playground as ${email}`, `/graphiql#token=${encodeURIComponent(jwt)}`], MAIL);
}

async function decline() {
  await answer(`mutation ($token: String!) {
    declineInvitation(input: { token: $token }) { changed message errors { code message } }
  }`);
  showNext(MAIL);
}

/** Runs one step; meanwhile nothing can be clicked, and afterwards the page says what went wrong. */
async function step(work, titleOfFailure) {
  const buttons = [element("accept"), element("decline")];
  const article = document.querySelector("article");
  element("problem").textContent = "";
  article.ariaBusy = "true";
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error);
    if (titleOfFailure) show(titleOfFailure);
    element("problem").textContent = error.message;
  } finally {
    article.ariaBusy = "false";
    for (const button of buttons) button.disabled = false;
  }
}

element("accept").addEventListener("click", () => step(accept));
element("decline").addEventListener("click", () => step(decline));
step(open, "The invitation cannot be shown");
