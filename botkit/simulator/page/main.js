// The page: what is known, what is open, and what is chosen; everything else draws one of these.

import * as api from "./api.js";
import { clock, drawClock } from "./clock.js";
import { composer } from "./composer.js";
import { blank, details } from "./details.js";
import { avatar, byId, element, icon } from "./dom.js";
import { loadGaps } from "./gaps.js";
import { askForChat, drawList, offerPages } from "./list.js";
import { Log } from "./log.js";
import { Model } from "./model.js";
import { drawProblems } from "./problems.js";
import { goToChats, showsGaps, tabs } from "./tabs.js";
import { drawWeather, weather } from "./weather.js";

const MOST_OPEN = 3;
const KEEP = "botkit.simulator.open";

const model = new Model();
let open = remembered();
let views = new Map();
let chosen = null;
let detailsShow = "";
let isReady = false;

function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(KEEP) ?? "[]");
    return Array.isArray(found) ? found.filter((key) => typeof key === "string").slice(0, MOST_OPEN) : [];
  } catch {
    return [];
  }
}

// What is open

function show(key) {
  if (!open.includes(key)) open = [key, ...open.slice(1)];
  else if (matchMedia("(max-width: 860px)").matches) open = [key, ...open.filter((one) => one !== key)];
  opened(key);
}

function beside(key) {
  if (open.includes(key)) return open.length > 1 ? close(key) : undefined;
  open = [...open.slice(0, MOST_OPEN - 1), key];
  return opened(key);
}

function close(key) {
  open = open.filter((one) => one !== key);
  opened(null);
}

function opened(key) {
  localStorage.setItem(KEEP, JSON.stringify(open));
  look("at-chats");
  drawOpen();
  const view = views.get(key);
  if (view) read(view.chat);
  draw();
  view?.composer.text.focus();
}

function begin(page, user, isBeside) {
  const chat = model.chat(page, user);
  if (isBeside) beside(chat.key);
  else show(chat.key);
}

/** Say in a chat with its bot what was not understood: the words are written, and only to be sent. */
function attempt(group) {
  goToChats();
  const page = model.state.pages.find((one) => one.name === group.bot) ?? model.state.pages[0];
  const there = open.find((key) => JSON.parse(key)[0] === page.id);
  if (there) show(there);
  else begin(page.id, "ann", false);
  const { text } = views.get(open.find((key) => JSON.parse(key)[0] === page.id)).composer;
  text.value = group.texts[0];
  text.focus();
}

const gapsChanged = () => showsGaps() && loadGaps(attempt);

function look(where) {
  byId("desk").classList.remove("at-list", "at-chats", "at-details");
  byId("desk").classList.add(where);
}

function read(chat) {
  chat.unread = 0;
  if (!document.hidden) api.read(chat.page, chat.user).catch(() => {});
}

// Drawing

function drawOpen() {
  const fresh = new Map();
  for (const key of open.filter((one) => model.chats.has(one))) fresh.set(key, views.get(key) ?? view(model.chats.get(key)));
  views = fresh;
  const nodes = [...views.values()].map((one) => one.node);
  const there = [...byId("chats").children];
  if (nodes.length !== there.length || nodes.some((node, at) => node !== there[at])) byId("chats").replaceChildren(...nodes);
  for (const one of views.values()) one.leave.hidden = views.size < 2;
}

function view(chat) {
  const page = model.pageName(chat.page);
  const log = new Log(chat, model, choose);
  const write = composer(chat, page);
  const leave = element("button", { class: "icon-button chat-close", type: "button", "aria-label": `Close the chat of ${chat.user}`, onclick: () => close(chat.key) }, icon("close"));
  const save = element("a", { class: "icon-button chat-save", href: api.transcript(chat.page, chat.user), download: "", hidden: true,
    "aria-label": `Save the chat of ${chat.user} as a test`, title: "Save as test" }, icon("save"));
  const title = element("div", { class: "chat-title" }, element("h2", {}, chat.user), element("p", {}, element("span", { class: "chat-more" }, "writes to "), page, element("span", { class: "chat-more" }, ` · page ${chat.page}`)));
  const node = element("section", { class: "chat", "aria-label": `Chat of ${chat.user} with ${page}` },
    element("div", { class: "chat-head" }, avatar(chat.user), title, save, leave), log.node, write.node);
  return { chat, node, log, composer: write, save, leave };
}

function draw() {
  if (!isReady) return;
  drawList(model, open, { show, beside });
  for (const one of views.values()) {
    one.log.update();
    one.log.mark(chosen);
    one.save.hidden = !model.state.can_save || !one.chat.items.length;
  }
  drawDetails();
}

function drawDetails() {
  const place = byId("details");
  const item = model.messages.get(chosen);
  const opened = new Set([...place.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
  const shows = item ? JSON.stringify([chosen, item.tries.length, model.turnOf(item), movesOf(item)]) : String(model.state.has_panel);
  if (detailsShow === shows) return;
  detailsShow = shows;
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(...(item ? details(model, item, leaveDetails) : [blank(model)]));
  for (const one of place.querySelectorAll("details > summary")) one.parentElement.open = opened.has(one.textContent);
  if (hadFocus) place.focus();
}

function movesOf(item) {
  const ids = (model.turnOf(item)?.deliveries ?? []).map((one) => one.id);
  return ids.map((id) => [model.moves.get(id)?.length, model.messages.get(model.messageOfDelivery.get(id))?.tries.length]);
}

function choose(id) {
  chosen = id;
  draw();
  look("at-details");
  byId("details").scrollTop = 0;
  byId("details").focus({ preventScroll: true });
}

function leaveDetails() {
  const line = document.querySelector(`[data-id="${CSS.escape(chosen ?? "")}"] .meta`);
  chosen = null;
  look("at-chats");
  draw();
  line?.focus();
}

// What the server tells

function onState(state) {
  if (state.edition !== model.state.edition) gapsChanged();
  model.state = state;
  byId("tabs").hidden = !state.has_gaps;
  byId("desk").classList.toggle("no-panel", !state.has_panel);
  offerPages(state.pages);
  drawWeather(state.weather);
  drawClock(state);
  drawProblems(state.problems);
}

function onEntries(entries) {
  const readers = new Set();
  for (const entry of entries) {
    const chat = model.fold(entry);
    const isOpen = open.includes(chat.key) && !document.hidden;
    if (isReady && entry.kind === "shown" && !isOpen) chat.unread += 1;
    if (isReady && isOpen && entry.kind === "status" && entry.facts.state === "delivered") readers.add(chat);
  }
  for (const chat of readers) read(chat);
  if (isReady && entries.some((entry) => entry.kind === "turn" && !entry.facts.intent)) gapsChanged();
  drawOpen();
  draw();
}

function onReady() {
  isReady = true;
  byId("desk").setAttribute("aria-busy", "false");
  byId("offline").hidden = true;
  for (const key of open) {
    const [page, user] = JSON.parse(key);
    model.chat(page, user);
  }
  if (!open.length && model.chats.size) open = [[...model.chats.keys()].at(-1)];
  if (!open.length && model.state.pages.length) open = [model.chat(model.state.pages[0].id, "ann").key];
  drawOpen();
  for (const one of views.values()) read(one.chat);
  draw();
}

function onHello() {
  isReady = false;
  byId("desk").setAttribute("aria-busy", "true");
  model.clear();
  // Views hold on to the chats they show: they are made anew with them, but what was being written is kept.
  const drafts = new Map([...views].map(([key, one]) => [key, one.composer.text.value]));
  const focused = [...views].find(([, one]) => one.composer.text === document.activeElement)?.[0];
  views = new Map();
  afterReady = () => {
    for (const [key, draft] of drafts) if (views.has(key)) views.get(key).composer.text.value = draft;
    views.get(focused)?.composer.text.focus();
  };
}

let afterReady = () => {};

look("at-chats");
tabs(gapsChanged);
weather();
clock();
byId("show-list").append(icon("list"));
byId("show-list").addEventListener("click", () => { goToChats(); look("at-list"); byId("list-items").querySelector("button")?.focus(); });
byId("new-chat").addEventListener("click", () => askForChat(model, begin));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen && byId("details").contains(document.activeElement)) leaveDetails();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const one of views.values()) read(one.chat);
  draw();
});
api.follow({
  hello: onHello,
  state: onState,
  entries: onEntries,
  ready: () => { onReady(); afterReady(); },
  lost: () => { byId("offline").hidden = false; },
});
