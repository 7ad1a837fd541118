// The people of the shop: one of each role, and who they are for the tests. Their passwords are no secrets.

import { Api } from "./api.mjs";

const everything = ["*"];
const grant = (role, team, datasets = everything) => ({ role, team, datasets });

export const PEOPLE = {
  vera: { about: "sees everything, may do nothing", password: "vera-looks-at-everything", grants: [grant("viewer", "*")] },
  robin: { about: "on call for the shop", password: "robin-is-on-call-today", grants: [grant("responder", "shop")] },
  petra: { about: "builds payments", password: "petra-counts-the-money", grants: [grant("editor", "payments")] },
  sam: { about: "security", password: "sam-locks-every-door", grants: [grant("editor", "security"), grant("responder", "*")] },
  olga: { about: "runs the platform", password: "olga-keeps-it-running", grants: [grant("editor", "platform"), grant("responder", "*")] },
  iris: { about: "identity, and sees nothing but the dataset `identity`", password: "iris-sees-one-dataset", grants: [grant("responder", "identity", ["identity"])] },
};

/** Makes them, and answers a session of each. */
export async function meet({ api, url, say }) {
  const known = new Set((await api.get("/api/v1/users")).users.map((user) => user.login));
  const sessions = {};
  for (const [login, { password, grants }] of Object.entries(PEOPLE)) {
    if (!known.has(login)) await api.post("/api/v1/users", { login, password, grants });
    sessions[login] = await Api.login(url, login, password);
  }
  say(`people: ${Object.keys(PEOPLE).join(", ")}`);
  return sessions;
}
