// The two sides of the page, each at an address of its own: the chats, and what was not understood.

import { byId } from "./dom.js";

const GAPS = "#gaps";

export const showsGaps = () => location.hash === GAPS;

/** Show what the address names, now and whenever it changes; `load` is called where that is the gaps. */
export function tabs(load) {
  const changed = () => { draw(); if (showsGaps()) load(); };
  addEventListener("hashchange", changed);
  changed();
}

/** Go to the chats, at once: what is hidden cannot take the focus. */
export function goToChats() {
  location.hash = "#chats";
  draw();
}

function draw() {
  byId("desk").hidden = showsGaps();
  byId("gaps").hidden = !showsGaps();
  for (const link of byId("tabs").querySelectorAll("a")) {
    if (showsGaps() === (link.hash === GAPS)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
