// Writes cn.json, us.json, ee.json and jp.json: the dates, and the offsets
// from UTC, of the calendars in the shipped arrangements. What the data
// packages know comes from them; what they lack stands below, with its reason.
//
//   npm ci && npm run generate && go test ./arrangements -update
//
// The last command copies the result into the arrangements.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import Holidays from 'date-holidays';

const require = createRequire(import.meta.url);
const chinese = require('chinese-days/dist/chinese-days.json');
const versions = require('./package.json').dependencies;

// The first local date of each calendar and the first one beyond it.
const countries = {
  cn: { zone: 'Asia/Shanghai', from: '2015-12-01', until: '2027-01-01' },
  us: { zone: 'America/New_York', from: '2015-12-01', until: '2028-01-01' },
  ee: { zone: 'Europe/Tallinn', from: '2022-01-01', until: '2028-01-01' },
  jp: { zone: 'Asia/Tokyo', from: '2022-01-01', until: '2028-01-01' },
};

// Names by the package's English name. A name that is not here stops the
// script: nobody should read a holiday in a language that is not theirs.
const names = {
  us: {
    "New Year's Day": '元旦',
    'Martin Luther King Jr. Day': '马丁·路德·金纪念日',
    "Washington's Birthday": '华盛顿诞辰纪念日',
    'Memorial Day': '阵亡将士纪念日',
    Juneteenth: '六月节',
    'Independence Day': '独立日',
    'Labor Day': '劳工节',
    'Columbus Day': '哥伦布日',
    'Veterans Day': '退伍军人节',
    'Thanksgiving Day': '感恩节',
    'Christmas Day': '圣诞节',
  },
  ee: {
    "New Year's Day": '元旦',
    'Independence Day': '独立日',
    'Good Friday': '耶稣受难日',
    'Easter Sunday': '复活节',
    'Labour Day': '劳动节',
    Pentecost: '五旬节',
    'Victory Day': '胜利日',
    'Midsummer Day': '仲夏节',
    'Day of Restoration of Independence': '恢复独立日',
    'Christmas Eve': '平安夜',
    'Christmas Day': '圣诞节',
    'Boxing Day': '圣诞节次日',
  },
  jp: {
    "New Year's Day": '元旦',
    'January 2nd': '年末年初休假',
    'January 3rd': '年末年初休假',
    'Coming of Age Day': '成人日',
    'Foundation Day': '建国纪念日',
    "Emperor's Birthday": '天皇诞生日',
    'Spring Equinox Day': '春分日',
    'Showa Day': '昭和日',
    'Constitution Day': '宪法纪念日',
    'Greenery Day': '绿之日',
    "Children's Day": '儿童节',
    'Marine Day': '海之日',
    'Mountain Day': '山之日',
    'Respect-for-the-Aged Day': '敬老日',
    "Citizens' Holiday": '国民休息日',
    'Autumnal Equinox Day': '秋分日',
    'Sports Day': '体育日',
    'Culture Day': '文化日',
    'Labor Thanksgiving Day': '勤劳感谢日',
    "New Year's Eve": '年末年初休假',
  },
};

// The package gives three of these days as bank holidays under names of
// their own; to an office they are one closure.
const closure = { en: 'Year-end and New Year closure', zh: '年末年初休假' };

// Days that the package lacks.
const added = {
  // 5 U.S.C. 6103(b): a holiday on a Saturday is kept on the Friday before,
  // one on a Sunday on the Monday after. The package does not apply it to
  // 11 November.
  us: yearsOf('us').flatMap((y) => {
    const day = new Date(Date.UTC(y, 10, 11)).getUTCDay();
    const kept = { 6: `${y}-11-10`, 0: `${y}-11-12` }[day];
    return kept ? [{ date: kept, en: 'Veterans Day (observed)', zh: '退伍军人节（补休）' }] : [];
  }),
  // Government offices are closed from 29 December to 3 January (law no. 91
  // of 1988 on the holidays of administrative organs).
  jp: yearsOf('jp').flatMap((y) => [29, 30].map((d) => ({ date: `${y}-12-${d}`, ...closure }))),
};

// The package writes the Chinese festivals in short.
const festivals = { 清明: '清明节', 端午: '端午节', 中秋: '中秋节' };

function yearsOf(code) {
  const first = Number(countries[code].from.slice(0, 4));
  const last = Number(countries[code].until.slice(0, 4));
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function inside(code, date) {
  return date >= countries[code].from && date < countries[code].until;
}

function chineseDays() {
  const said = (table) => Object.entries(table).filter(([date]) => inside('cn', date)).sort();
  const last = Object.keys(chinese.holidays).sort().pop().slice(0, 4);
  if (`${Number(last) + 1}-01-01` < countries.cn.until) throw new Error(`cn: the package ends with ${last}`);
  return {
    holidays: said(chinese.holidays).map(([date, text]) => {
      const [en, zh] = text.split(',');
      return { date, en, zh: festivals[zh] ?? zh };
    }),
    // All five working days have the same hours, so which of them a day is
    // worked like makes no difference; the nearest is named.
    make_up: said(chinese.workdays).map(([date]) => ({ date, as: new Date(date).getUTCDay() === 6 ? 'friday' : 'monday' })),
  };
}

function lawDays(code) {
  const known = new Holidays(code.toUpperCase());
  const byDate = new Map();
  for (const year of yearsOf(code)) {
    for (const day of known.getHolidays(year, code === 'us' ? 'en-us' : 'en')) {
      const date = day.date.slice(0, 10);
      if (day.type !== 'public' && !(code === 'jp' && day.type === 'bank')) continue;
      if (!inside(code, date) || byDate.has(date)) continue;
      byDate.set(date, worded(code, date, day));
    }
  }
  for (const day of added[code] ?? []) {
    if (inside(code, day.date) && !byDate.has(day.date)) byDate.set(day.date, day);
  }
  return { holidays: [...byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1)), make_up: [] };
}

function worded(code, date, day) {
  const en = day.name.replace(' (substitute day)', '');
  const zh = names[code][en];
  if (!zh) throw new Error(`${code} ${date}: no Chinese name for "${en}"`);
  if (zh === closure.zh) return { date, ...closure };
  return day.substitute ? { date, en: `${en} (observed)`, zh: `${zh}（补休）` } : { date, en, zh };
}

// minutesAt gives how far local time is ahead of UTC at an instant.
function minutesAt(zone, at) {
  const form = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const text = form.formatToParts(at).find((p) => p.type === 'timeZoneName').value;
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(text);
  return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
}

const text = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');

// midnight is the instant at which a local date begins.
function midnight(zone, date) {
  const utc = Date.parse(date);
  return utc - minutesAt(zone, utc - minutesAt(zone, utc) * 60000) * 60000;
}

function times(code) {
  const { zone, from, until } = countries[code];
  const [first, end] = [midnight(zone, from), midnight(zone, until)];
  const offsets = [{ at: text(first), minutes: minutesAt(zone, first) }];
  for (let at = first; at < end; at += 3600000) {
    const minutes = minutesAt(zone, at);
    if (minutes !== offsets.at(-1).minutes) offsets.push({ at: text(at), minutes });
  }
  return { from: text(first), until: text(end), offsets };
}

for (const code of Object.keys(countries)) {
  const days = code === 'cn' ? chineseDays() : lawDays(code);
  const source = code === 'cn' ? `chinese-days ${versions['chinese-days']}` : `date-holidays ${versions['date-holidays']}`;
  const lines = (list) => (list.length ? `[\n${list.map((x) => `  ${JSON.stringify(x)}`).join(',\n')}\n ]` : '[]');
  const { from, until, offsets } = times(code);
  writeFileSync(new URL(`./${code}.json`, import.meta.url), `{
 "source": ${JSON.stringify(source)},
 "from": "${from}",
 "until": "${until}",
 "offsets": ${lines(offsets)},
 "holidays": ${lines(days.holidays)},
 "make_up": ${lines(days.make_up)}
}\n`);
}
