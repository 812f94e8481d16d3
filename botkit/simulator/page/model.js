// What is known: the server's entries, folded into chats, messages, turns and deliveries. Nothing here draws.

import { zoneNamed } from "./zones.js";

const RANK = ["accepted", "submitted", "delivered", "read"];

export const keyOf = (page, user) => JSON.stringify([page, user]);

export class Model {
  constructor() {
    this.state = { pages: [], weather: [], offset_seconds: null, has_panel: false, problems: [] };
    this.clear();
  }

  clear() {
    this.chats = new Map();
    this.messages = new Map();
    this.turns = new Map();
    this.moves = new Map();
    this.turnOfDelivery = new Map();
    this.messageOfDelivery = new Map();
    this.gestures = new Map();
  }

  /** The chat of a user with a page, made where there is none yet. */
  chat(page, user) {
    const key = keyOf(page, user);
    if (!this.chats.has(key)) this.chats.set(key, { key, page, user, items: [], unread: 0 });
    return this.chats.get(key);
  }

  pageName(page) {
    return this.state.pages.find((one) => one.id === page)?.name ?? `page ${page}`;
  }

  /** The time zone of the bot that a message was for or came from. */
  zoneOf(item) {
    const { page } = this.chats.get(item.chat);
    return zoneNamed(this.state.pages.find((one) => one.id === page)?.timezone ?? "UTC");
  }

  /** Take one entry in; returns the chat that it belongs to. */
  fold(entry) {
    const chat = this.chat(entry.page, entry.user);
    const folds = { said, shown, posted, status, refused, turn, delivery, gesture };
    folds[entry.kind]?.(this, chat, entry);
    return chat;
  }

  /** The turn behind a message: the one that it began, or the one that sent it. */
  turnOf(item) {
    if (item.side === "user") return this.turns.get(item.id);
    return this.turns.get(this.turnOfDelivery.get(item.delivery));
  }
}

function added(model, chat, entry, more) {
  const item = { id: entry.about, number: entry.number, at: new Date(entry.at), chat: chat.key, tries: [], ...more };
  model.messages.set(item.id, item);
  chat.items.push(item);
  return item;
}

function said(model, chat, entry) {
  if (!model.messages.has(entry.about)) added(model, chat, entry, { side: "user", ...entry.facts });
}

function shown(model, chat, entry) {
  const item = added(model, chat, entry, { side: "bot", state: "accepted", error: null, ...entry.facts });
  if (item.delivery) model.messageOfDelivery.set(item.delivery, item.id);
}

function posted(model, chat, entry) {
  model.messages.get(entry.about)?.tries.push({ at: new Date(entry.at), ...entry.facts });
}

function status(model, chat, entry) {
  const item = model.messages.get(entry.about);
  if (!item) return;
  item.tries.push({ at: new Date(entry.at), ...entry.facts });
  // Only what the bot has taken is known to it; and a status that comes late takes nothing back.
  const isNews = RANK.indexOf(entry.facts.state) > RANK.indexOf(item.state) || !RANK.includes(entry.facts.state);
  if (entry.facts.answer === 200 && RANK.includes(item.state) && isNews) {
    item.state = entry.facts.state;
    item.error = entry.facts.error;
  }
}

function refused(model, chat, entry) {
  added(model, chat, entry, { side: "weather", ...entry.facts });
}

function turn(model, chat, entry) {
  model.turns.set(entry.about, { at: new Date(entry.at), ...entry.facts });
  for (const one of entry.facts.deliveries) model.turnOfDelivery.set(one.id, entry.about);
}

function delivery(model, chat, entry) {
  const moves = model.moves.get(entry.about) ?? [];
  moves.push({ at: new Date(entry.at), ...entry.facts });
  model.moves.set(entry.about, moves);
}

function gesture(model, chat, entry) {
  model.gestures.set(entry.about, entry.facts.as);
}
