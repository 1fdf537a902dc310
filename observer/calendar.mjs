// Instants, calendars and clocks after spec/calendar.md. Instants are whole milliseconds since
// 1970-01-01T00:00:00Z as numbers; dates are day numbers from the same day.

import { Fault, integer, list, object, optional, parse, string, text, write } from "./json.mjs";

export const DAY = 86400000, HOUR = 3600000, MINUTE = 60000;
export const FIRST = -62135596800000, LAST = 253402300799999;

// day number of a Gregorian date, and back.
function dayNumber(y, m, d) {
  const year = m <= 2 ? y - 1 : y;
  const era = Math.floor(year / 400), of = year - era * 400;
  const doy = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1;
  return era * 146097 + of * 365 + Math.floor(of / 4) - Math.floor(of / 100) + doy - 719468;
}

function civil(day) {
  const z = day + 719468;
  const era = Math.floor(z / 146097), doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const m = mp + (mp < 10 ? 3 : -9);
  return [yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - Math.floor((153 * mp + 2) / 5) + 1];
}

const pad = (n, width) => String(n).padStart(width, "0");

// CAL-3
export function readDate(s) {
  const m = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(s);
  if (m) {
    const [y, mo, d] = m.slice(1).map(Number);
    if (y >= 1 && mo >= 1 && mo <= 12 && d >= 1) {
      const day = dayNumber(y, mo, d);
      if (String(civil(day)) === String([y, mo, d])) return day;
    }
  }
  throw new Fault("calendar.date");
}

export function writeDate(day) {
  const [y, m, d] = civil(day);
  return `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`;
}

// CAL-1, CAL-2
export function writeInstant(t) {
  const day = Math.floor(t / DAY), ms = t - day * DAY;
  const fraction = ms % 1000 ? "." + pad(ms % 1000, 3) : "";
  const s = Math.floor(ms / 1000);
  return `${writeDate(day)}T${pad(Math.floor(s / 3600), 2)}:${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)}${fraction}Z`;
}

export function readInstant(s) {
  const m = /^([0-9-]{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}))?Z$/.exec(s);
  try {
    const [h, min, sec, ms] = m.slice(2).map((x) => Number(x ?? 0));
    const t = readDate(m[1]) * DAY + h * HOUR + min * MINUTE + sec * 1000 + ms;
    if (h < 24 && min < 60 && sec < 60 && writeInstant(t) === s) return t;
  } catch { /* not one */ }
  throw new Fault("calendar.instant");
}

const checked = (read) => text((s) => (read(s), s));
export const instant = checked(readInstant);
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const weekday = text((s) => {
  if (!weekdays.includes(s)) throw new Fault("calendar.weekday");
  return s;
});

// CAL-4
export const calendarShape = object({
  from: instant, until: instant,
  offsets: list(object({ at: instant, minutes: integer() })),
  week: object(Object.fromEntries(weekdays.map((d) => [d, optional(list(list(integer(), 2)))]))),
  holidays: list(object({ date: checked(readDate), en: string, zh: string })),
  make_up: list(object({ date: checked(readDate), as: weekday })),
});
export const amountShape = object({ n: integer(), unit: string });

const hours = (week, name) => week[name] ?? [];

// checkCalendar lists every breach of CAL-5 to CAL-10 as {code, path}.
export function checkCalendar(c) {
  const out = [];
  const say = (code, path) => out.push({ code, path });
  const from = readInstant(c.from), until = readInstant(c.until);
  if (until <= from || until - from > 18300 * DAY) say("calendar.horizon", "/until");
  if (c.offsets.length > 256) say("calendar.size", "/offsets");
  if (!c.offsets.length || readInstant(c.offsets[0].at) > from) say("calendar.offsets", "/offsets");
  c.offsets.forEach((o, i) => {
    const before = c.offsets[i - 1];
    let bad = Math.abs(o.minutes) > 1080;
    if (before) {
      const step = Math.abs(o.minutes - before.minutes);
      bad ||= step === 0 || step > 1440 || readInstant(o.at) - readInstant(before.at) < 2 * DAY;
    }
    if (bad) say("calendar.offsets", `/offsets/${i}`);
  });
  let works = false;
  for (const name of weekdays) {
    const spans = hours(c.week, name);
    if (spans.length) works = true;
    if (spans.length > 12) say("calendar.size", `/week/${name}`);
    let end = -1;
    spans.forEach(([a, b], i) => {
      if (a < 0 || a >= b || b > 1440 || a <= end) say("calendar.week", `/week/${name}/${i}`);
      end = b;
    });
  }
  if (!works) say("calendar.week", "/week");
  const dates = new Set();
  if (c.holidays.length > 4096) say("calendar.size", "/holidays");
  c.holidays.forEach((h, i) => {
    const named = [h.en, h.zh].every((n) => Buffer.byteLength(n) >= 1 && Buffer.byteLength(n) <= 200);
    if (!named || (i && h.date <= c.holidays[i - 1].date)) say("calendar.holiday", `/holidays/${i}`);
    dates.add(h.date);
  });
  if (c.make_up.length > 4096) say("calendar.size", "/make_up");
  c.make_up.forEach((m, i) => {
    const order = i && m.date <= c.make_up[i - 1].date;
    if (order || dates.has(m.date) || !hours(c.week, m.as).length) say("calendar.make-up", `/make_up/${i}`);
  });
  return out;
}

const ends = () => new Fault("calendar.ends");

export class Calendar {
  constructor(document) {
    const problems = checkCalendar(document);
    if (problems.length) throw new Fault(problems[0].code, problems[0].path);
    this.from = readInstant(document.from);
    this.until = readInstant(document.until);
    this.offsets = document.offsets.map((o, i) => ({
      at: i ? readInstant(o.at) : -Infinity, ms: o.minutes * MINUTE,
      to: i + 1 < document.offsets.length ? readInstant(document.offsets[i + 1].at) : Infinity,
    }));
    this.week = weekdays.map((name) => hours(document.week, name));
    this.holidays = new Set(document.holidays.map((h) => readDate(h.date)));
    this.makeUp = new Map(document.make_up.map((m) => [readDate(m.date), weekdays.indexOf(m.as)]));
  }
  within(t) {
    return t >= this.from && t < this.until;
  }
  demand(t) {
    if (!this.within(t)) throw ends();
  }
  // the local date of an instant. CAL-6
  date(t) {
    this.demand(t);
    const o = this.offsets.findLast((x) => x.at <= t);
    return Math.floor((t + o.ms) / DAY);
  }
  // CAL-12: day 0 was a Thursday.
  intervals(day) {
    if (this.makeUp.has(day)) return this.week[this.makeUp.get(day)];
    if (this.holidays.has(day)) return [];
    return this.week[(((day + 3) % 7) + 7) % 7];
  }
  // the working time within the horizon from an instant on, in spans of instants. CAL-13
  *working(t) {
    for (const o of this.offsets) {
      const low = Math.max(t, this.from, o.at), high = Math.min(this.until, o.to);
      if (low >= high) continue;
      for (let day = Math.floor((low + o.ms) / DAY); day * DAY - o.ms < high; day++) {
        for (const [a, b] of this.intervals(day)) {
          const start = Math.max(low, day * DAY + a * MINUTE - o.ms);
          const end = Math.min(high, day * DAY + b * MINUTE - o.ms);
          if (start < end) yield [start, end];
        }
      }
    }
  }
  // the end of a date's last working time, or undefined where it has none. CAL-15
  close(day) {
    let last;
    for (const o of this.offsets) {
      const start = Math.max(o.at, day * DAY - o.ms), end = Math.min(o.to, (day + 1) * DAY - o.ms);
      if (start >= end) continue;
      if (end > this.until) throw ends();
      for (const [a, b] of this.intervals(day)) {
        const x = Math.max(o.at, this.from, day * DAY + a * MINUTE - o.ms), y = Math.min(o.to, day * DAY + b * MINUTE - o.ms);
        if (x < y) last = last === undefined ? y : Math.max(last, y);
      }
    }
    return last;
  }
}

const units = { hours: HOUR, days: DAY };

// CAL-16
export function checkAmount({ n, unit }) {
  if (!(n >= 1 && n <= 10000) || !["hours", "days", "working-hours", "working-days"].includes(unit)) {
    throw new Fault("calendar.amount");
  }
}

// Clock after CAL-17 to CAL-29: start, then any number of pause and resume, in order of time.
export class Clock {
  constructor(start, amount, calendar) {
    checkAmount(amount);
    this.unit = amount.unit;
    this.rest = amount.n * (units[amount.unit] ?? (amount.unit === "working-hours" ? HOUR : 1));
    this.at = start;
    this.calendar = calendar;
    this.paused = false;
    this.stands = undefined;
    if (this.works()) this.calendar.demand(start);
    if (this.unit === "working-days") this.first = calendar.date(start);
  }
  works() {
    return !(this.unit in units);
  }
  // the closes that count from the start or resumption on, in order of their dates. CAL-25
  *closes() {
    for (let day = Math.max(this.first + 1, this.calendar.date(this.at) - 2); ; day++) {
      const close = this.calendar.close(day);
      if (close !== undefined && close > this.at) yield close;
    }
  }
  due() {
    if (this.stands !== undefined) return this.stands;
    if (this.paused) throw new Fault("calendar.paused");
    if (!this.works()) return this.at + this.rest;
    let left = this.rest;
    if (this.unit === "working-days") {
      for (const close of this.closes()) if (--left === 0) return close;
    }
    for (const [a, b] of this.calendar.working(this.at)) {
      if (left <= b - a) return a + left;
      left -= b - a;
    }
    throw ends();
  }
  pause(t) {
    if (this.stands !== undefined) return;
    if (this.paused) throw new Fault("calendar.paused");
    if (t < this.at) throw new Fault("calendar.backwards");
    let due = Infinity;
    try {
      due = this.due();
    } catch (e) {
      if (e.code !== "calendar.ends") throw e;
    }
    if (t >= due) {
      this.stands = due;
      return;
    }
    if (this.works()) this.calendar.demand(t);
    this.rest -= this.counted(t);
    this.paused = true;
    this.at = t;
  }
  counted(t) {
    if (!this.works()) return t - this.at;
    let n = 0;
    if (this.unit === "working-days") {
      try {
        for (const close of this.closes()) {
          if (close > t) break;
          n++;
        }
      } catch (e) {
        if (e.code !== "calendar.ends") throw e;
      }
      return n;
    }
    for (const [a, b] of this.calendar.working(this.at)) {
      if (a >= t) break;
      n += Math.min(b, t) - a;
    }
    return n;
  }
  resume(t, calendar = this.calendar) {
    if (this.stands !== undefined) return;
    if (!this.paused) throw new Fault("calendar.not-paused");
    if (t < this.at) throw new Fault("calendar.backwards");
    this.calendar = calendar;
    if (this.works()) this.calendar.demand(t);
    this.at = t;
    this.paused = false;
  }
}

// one pause out of several at once: spans {from, to}, to absent while it lasts. CAL-30
export function union(spans) {
  const out = [];
  const open = (s) => s.to ?? Infinity;
  for (const s of [...spans].sort((a, b) => a.from - b.from || open(a) - open(b))) {
    if (s.from >= open(s)) continue;
    const last = out.at(-1);
    if (last && s.from <= open(last)) {
      if (open(s) > open(last)) out[out.length - 1] = { ...s, from: last.from };
    } else out.push({ ...s });
  }
  return out;
}

const cases = list(object({
  name: string, calendar: string, start: instant, amount: amountShape,
  pauses: optional(list(object({ from: instant, to: instant, calendar: optional(string) }))),
  due: optional(instant), fault: optional(string),
}));

// check reads vectors/calendar/clocks.json, or one of the calendars beside it. sibling gives the
// bytes of another file of the folder.
export function check(file, sibling) {
  if (file.toString("utf8").trimStart().startsWith("{")) {
    const document = parse(file, calendarShape);
    const again = write(document, calendarShape);
    if (write(parse(Buffer.from(again), calendarShape), calendarShape) !== again) return ["written otherwise"];
    return checkCalendar(document).map((p) => `${p.code} ${p.path}`);
  }
  const differences = [];
  const read = (name) => new Calendar(parse(sibling(name + ".json"), calendarShape));
  for (const c of parse(file, cases)) {
    let got;
    try {
      const clock = new Clock(readInstant(c.start), c.amount, read(c.calendar));
      for (const p of c.pauses ?? []) {
        clock.pause(readInstant(p.from));
        clock.resume(readInstant(p.to), p.calendar && read(p.calendar));
      }
      got = writeInstant(clock.due());
    } catch (e) {
      if (!(e instanceof Fault)) throw e;
      got = e.code;
    }
    if (got !== (c.due ?? c.fault)) differences.push(`${c.name}: ${got}`);
  }
  return differences;
}
