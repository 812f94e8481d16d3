// What no bot has an answer to: what is alike together, by bot and language, each with YAML to paste.

import * as api from "./api.js";
import { byId, counted, element, icon } from "./dom.js";

const FEW = 3;
const COPIED_MILLISECONDS = 2000;

let asked = 0;
let drawn = "";

/** Fetch and draw the gaps; `attempt` is called with a group where somebody wants to say it in a chat. */
export async function loadGaps(attempt) {
  const number = ++asked;
  let told;
  try {
    told = await api.gaps();
  } catch (error) {
    told = { failed: error.message };
  }
  // What was asked for later is newer.
  if (number !== asked || JSON.stringify(told) === drawn) return;
  drawn = JSON.stringify(told);
  byId("gaps-list").replaceChildren(...content(told, attempt));
}

function content(told, attempt) {
  if (told.failed) return [element("p", { class: "error" }, told.failed)];
  if (!told.groups.length) return [nothing()];
  const sections = new Map();
  for (const group of told.groups) {
    const key = JSON.stringify([group.bot, group.language]);
    sections.set(key, [...(sections.get(key) ?? []), group]);
  }
  return [...sections.values()].map((groups) => section(groups, attempt));
}

function nothing() {
  return element("div", { class: "gaps-none" }, icon("check"), element("h3", {}, "Nothing is missing"),
    element("p", {}, "Every message so far was understood. What your bots have no answer to comes together here, ready to be answered."));
}

function section(groups, attempt) {
  const missing = groups.filter((group) => !group.answered);
  const answered = groups.filter((group) => group.answered);
  const { bot, language } = groups[0];
  const count = missing.reduce((sum, group) => sum + group.count, 0);
  const all = missing.length > 1 ? copy(`Copy all ${missing.length}`, missing.map((group) => group.yaml).join("")) : null;
  const head = element("div", { class: "gaps-head" }, element("h3", {}, `${bot}, in ${languageName(language)}`),
    element("p", { class: "quiet" }, missing.length ? counted(count, "message", "messages") : "Everything is answered by now"), all);
  const rest = answered.length ? element("details", { class: "raw" },
    element("summary", {}, `${counted(answered.length, "question is", "questions are")} answered by now`),
    element("ul", { class: "gaps-answered" }, answered.map(done))) : null;
  return element("section", { class: "gaps-section", "aria-label": `${bot}, in ${languageName(language)}` }, head,
    missing.map((group) => card(group, attempt)), rest);
}

function card(group, attempt) {
  const [first, ...others] = group.texts;
  const said = element("div", { class: "gap-said" }, element("h4", { class: "gap-text", dir: "auto" }, first), wordings(others),
    element("p", { class: "verdict" }, nearest(group.near), element("span", { class: "quiet" }, `last on ${day(group.last)}`)),
    element("button", { class: "button gap-try", type: "button", onclick: () => attempt(group) }, "Say it in a chat"));
  const yaml = element("div", { class: "gap-yaml" },
    element("div", { class: "gap-file" }, element("span", {}, "below intents:"), copy("Copy", group.yaml, first)),
    element("pre", { tabIndex: 0, role: "region", "aria-label": `YAML for “${first}”` }, element("code", {}, group.yaml)));
  const count = element("p", { class: "gap-count" }, element("b", {}, String(group.count)), " ", group.count === 1 ? "time" : "times");
  return element("article", { class: "gap card" }, count, said, yaml);
}

function wordings(others) {
  if (!others.length) return null;
  const lines = (texts) => element("ul", { class: "gap-others" }, texts.map((text) => element("li", { dir: "auto" }, text)));
  const rest = others.slice(FEW);
  const more = rest.length ? element("details", { class: "raw" },
    element("summary", {}, counted(rest.length, "more wording", "more wordings")), lines(rest)) : null;
  return element("div", {}, lines(others.slice(0, FEW)), more);
}

function nearest(near) {
  if (near === null) return element("span", { class: "chip" }, "like no intent");
  return element("span", { class: "chip" }, "nearest: ", element("b", {}, near.intent), `, ${Math.round(near.sure * 100)} % alike`);
}

const done = (group) => element("li", {}, icon("check"), element("span", { dir: "auto" }, group.texts[0]), " ",
  element("span", { class: "quiet" }, `by ${group.answered}`));

/** A button that copies a text, and says that it did. */
function copy(name, text, what) {
  const label = element("span", {}, name);
  const button = element("button", { class: "button button-soft gap-copy", type: "button",
    "aria-label": what === undefined ? null : `${name} the YAML for “${what}”` }, icon("copy"), label);
  button.addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    label.textContent = isCopied ? "Copied" : "Not allowed";
    byId("gaps-told").textContent = isCopied ? "Copied: paste it below intents:" : "The browser does not allow copying.";
    setTimeout(() => { label.textContent = name; byId("gaps-told").textContent = ""; }, COPIED_MILLISECONDS);
  });
  return button;
}

const day = (moment) => new Date(moment).toLocaleDateString([], { day: "numeric", month: "long" });

function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch {
    return code;
  }
}
