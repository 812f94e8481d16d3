// Time zones: a bot may live in one that browsers do not know, such as "posix/Europe/Berlin".

/** The time zone by that name, or UTC where the browser knows none. */
export function zoneNamed(name) {
  try {
    return new Intl.DateTimeFormat([], { timeZone: name }) && name;
  } catch {
    return "UTC";
  }
}
