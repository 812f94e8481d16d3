// The messages of one open chat: drawn once each, and told of once to who listens.

import { bubble, inWords, meta, weatherLine } from "./bubble.js";
import { avatar, element } from "./dom.js";

export class Log {
  constructor(chat, model, select) {
    this.chat = chat;
    this.model = model;
    this.select = select;
    this.drawn = new Map();
    this.day = "";
    this.last = null;
    this.messages = element("ul", { class: "messages" });
    this.node = element("div", { class: "log", role: "log", "aria-label": this.name(), tabIndex: 0 }, this.messages);
    this.messages.addEventListener("keydown", (event) => this.move(event));
    this.isAtEnd = true;
    this.node.addEventListener("scroll", () => { this.isAtEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80; });
    new ResizeObserver(() => this.follow()).observe(this.node);
    this.messages.addEventListener("load", () => this.follow(), true);
  }

  name() {
    return `Messages of ${this.chat.user} and ${this.model.pageName(this.chat.page)}`;
  }

  follow() {
    if (this.isAtEnd) this.node.scrollTop = this.node.scrollHeight;
  }

  update() {
    if (!this.chat.items.length) this.messages.replaceChildren(this.blank());
    else if (!this.drawn.size) this.messages.replaceChildren();
    for (const item of this.chat.items) this.draw(item);
    this.rove();
    this.follow();
  }

  blank() {
    const page = this.model.pageName(this.chat.page);
    return element("li", { class: "blank" }, avatar(page), element("h3", {}, `Say something to ${page}`),
      element("p", {}, "It arrives as a signed webhook, as it would from Messenger. Choose a message to see why it was answered so."));
  }

  draw(item) {
    const before = this.drawn.get(item.id);
    if (before) return this.redraw(before, item);
    this.separate(item);
    if (item.side === "weather") {
      const line = weatherLine(item);
      this.messages.append(line);
      this.drawn.set(item.id, { node: line });
      this.last = null;
      return undefined;
    }
    const gesture = this.model.gestures.get(item.id);
    const words = inWords(item, gesture);
    const open = () => this.select(item.id);
    const shown = bubble(item, gesture);
    shown.addEventListener("click", (event) => event.target.closest("a, audio, video") || open());
    const line = meta(item, words.slice(0, 60), open);
    const isMine = item.side === "user";
    const who = isMine ? this.chat.user : this.model.pageName(this.chat.page);
    const side = isMine ? "mine" : "theirs";
    const joined = this.last === item.side ? " joined" : "";
    const node = element("li", { class: `message ${side}${joined}`, "data-id": item.id },
      isMine ? null : avatar(who), element("span", { class: "unseen" }, `${who}: `), shown, line);
    this.messages.append(node);
    this.drawn.set(item.id, { node, line, words, open, shows: JSON.stringify(this.fateOf(item)) });
    this.last = item.side;
    return undefined;
  }

  fateOf(item) {
    return [item.state, item.tries.length, item.error];
  }

  redraw(before, item) {
    const shows = JSON.stringify(this.fateOf(item));
    if (!before.line || before.shows === shows) return;
    const had = before.line === document.activeElement;
    const fresh = meta(item, before.words.slice(0, 60), before.open);
    before.line.replaceWith(fresh);
    before.line = fresh;
    before.shows = shows;
    if (had) fresh.focus({ preventScroll: true });
  }

  separate(item) {
    const day = item.at.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    if (day === this.day) return;
    this.day = day;
    this.last = null;
    this.messages.append(element("li", { class: "day" }, day));
  }

  /** One stop for the Tab key; the arrow keys go from message to message. */
  rove(to) {
    const lines = [...this.messages.querySelectorAll(".meta")];
    const focused = to ?? lines.find((line) => line === document.activeElement) ?? lines.at(-1);
    for (const line of lines) line.tabIndex = line === focused ? 0 : -1;
  }

  move(event) {
    const lines = [...this.messages.querySelectorAll(".meta")];
    const at = lines.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: lines.length - 1 }[event.key];
    if (at < 0 || to === undefined || !lines[to]) return;
    event.preventDefault();
    this.rove(lines[to]);
    lines[to].focus();
  }

  mark(id) {
    for (const [key, { node }] of this.drawn) node.classList.toggle("selected", key === id);
  }
}
