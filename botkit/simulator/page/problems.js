// What is wrong with the files that were saved, above everything else until it is mended.

import { byId, element } from "./dom.js";

/** The first of them says what they mean; one alone is no more than a note. */
export function drawProblems([first, ...mistakes]) {
  const notice = byId("problems");
  notice.hidden = first === undefined;
  notice.classList.toggle("notice-bad", mistakes.length > 0);
  // It is told of once, though the state may come again.
  const shows = JSON.stringify([first, mistakes]);
  if (notice.dataset.shows === shows) return;
  notice.dataset.shows = shows;
  const list = mistakes.length ? element("ul", { class: "mistakes", tabIndex: 0, "aria-label": "Mistakes" }, mistakes.map(mistake)) : null;
  notice.replaceChildren(...[first === undefined ? null : element("strong", {}, first), list].filter(Boolean));
}

/** A sentence with its place, and below it the line of the file, where there is one. */
function mistake(told) {
  const [sentence, ...lines] = told.split("\n");
  return element("li", {}, element("p", {}, sentence), lines.length ? element("pre", {}, lines.join("\n")) : null);
}
