// Making elements: whatever somebody wrote becomes text here, and never markup.

const DRAWINGS = {
  list: ["M4 6h16M4 12h16M4 18h10"],
  plus: ["M12 5v14M5 12h14"],
  close: ["M6 6l12 12M18 6L6 18"],
  send: ["M4 12l16-8-6 16-3-6z"],
  thumb: ["M7 11v9H4v-9zM7 11l4-8c1.7 0 2.5 1.2 2.5 2.8V9h4.6c1.3 0 2.2 1.2 1.9 2.4l-1.6 6.8c-.3 1.1-1.2 1.8-2.3 1.8H7"],
  picture: ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-3 4 4", "M15.5 9.5h.01"],
  voice: ["M12 3a3 3 0 013 3v5a3 3 0 01-6 0V6a3 3 0 013-3z", "M6 11a6 6 0 0012 0M12 17v4"],
  video: ["M4 6h11v12H4zM15 10l5-3v10l-5-3z"],
  save: ["M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14"],
  file: ["M6 3h8l4 4v14H6zM14 3v4h4"],
  sticker: ["M5 4h14v10l-6 6H5z", "M19 14h-6v6", "M9 9h.01M14 9h.01M9 12.5c1.5 1.3 3.5 1.3 5 0"],
  link: ["M10 14a4 4 0 005.7 0l3-3a4 4 0 00-5.7-5.7l-1 1", "M14 10a4 4 0 00-5.7 0l-3 3a4 4 0 005.7 5.7l1-1"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  beside: ["M4 5h16v14H4zM12 5v14"],
  clock: ["M12 3a9 9 0 100 18 9 9 0 000-18z", "M12 7.5V12l3 2"],
  weather: ["M7 18a4 4 0 01-.5-8A5.5 5.5 0 0117 9a4.5 4.5 0 010 9z"],
  storm: ["M7 15a4 4 0 01-.5-8A5.5 5.5 0 0117 6a4.5 4.5 0 011.5 8.7", "M12.5 11l-3 5h4l-2.5 5"],
  waiting: ["M12 4a8 8 0 100 16 8 8 0 000-16z", "M12 8v4l2.5 1.5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  checks: ["M2 12.5l4.5 4.5L15 8.5M11.5 16l1 1L22 7.5"],
  alert: ["M12 4l9 16H3z", "M12 10v4M12 17h.01"],
  cross: ["M7 7l10 10M17 7L7 17"],
  almost: ["M5 12c2.5-3 4.5-3 7 0s4.5 3 7 0"],
  held: ["M8 6v12M16 6v12"],
};

/** An element with properties, and children that are elements or text. `class` and `data-…` are written as such. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && !name.includes("-")) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** One of the drawings, which a screen reader passes over. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) {
    drawing.setAttribute(key, value);
  }
  for (const line of DRAWINGS[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}

export const byId = (id) => document.getElementById(id);

/** The round picture of a user: an initial on a colour that is always the same. */
export function avatar(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return element("span", { class: `avatar hue-${sum % 8}`, "aria-hidden": "true" }, [...name][0] ?? "?");
}

export const clockTime = (at) => at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

/** A counted noun: "1 try", "2 tries". */
export const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;
