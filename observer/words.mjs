// What the observer and the verifier say to people, in both languages. What a
// refusal's code means is said in the words of the desk (internal/locale), so
// that people read the same sentence everywhere.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stated } from './postquantum.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

const words = {
  en: {
    'link': 'Line {lower} – {higher}, {realm}.',
    'link.party': '  {code}: {fingerprint}, {compared}.',
    'compared': 'as you gave it',
    'not-compared': 'NOT COMPARED',
    'realm.real': 'real',
    'realm.exercise': 'EXERCISE',
    'channel.1': 'control',
    'channel.2': 'hotline',
    'channel.3': 'routine',
    'log': '{party}, {channel}: {size} entries, {new} of them new. {signed}, card {card}. {receipts}',
    'signed.checked': 'Signed by both algorithms',
    'signed.not-checked': 'Signed by Ed25519 (ML-DSA not checked)',
    'mldsa.not-checked': 'ML-DSA WAS NOT CHECKED: this Node.js has no ML-DSA-44. Of every pair of signatures only the Ed25519 half was checked. Node.js 24.7 or newer checks both.',
    'log.card': '  The newest card of {party} is {newest}; an older one signed. Which was in force stands in sealed acts.',
    'receipts.all': 'All that needs a receipt has one.',
    'receipts.due': '{n} without a receipt yet, the oldest of {time}.',
    'cosigned': '  {by} cosigned it at {size} entries on {time}.',
    'surfaced': '  A new generation began at entry {at}, signed by the roots; {n} entries behind that place count no more.',
    'entry': '{party} {channel} {position}, {time}: {what}',
    'type.1': 'a new epoch',
    'type.2': 'an act, sealed',
    'type.3': 'receipt for the other log, entries {from} to {to}{verdicts}',
    'verdicts': '; unreadable: {positions}',
    'type.4': 'entry {target} stated again',
    'type.5': 'the other {frozen} log is frozen: a fork is proved',
    'type.6': 'its clock was corrected: {old} becomes {new}',
    'type.7': 'hours in which a greeting came, day {day}',
    'type.8': 'a new generation begins',
    'waiting': 'Line {lower} – {higher}: the node shows no signed head of some log, as one that is being restored does. Nothing was read.',
    'unreachable': 'The node does not answer: {detail}',
    'failed': 'DOES NOT HOLD: {where}: {text} [{code}{detail}]',
    'failed.link': 'line {lower} – {higher}',
    'failed.entry': '{party}, {channel}, entry {position}',
    'failed.log': '{party}, {channel}',
    'holds.checked': 'All of it holds: {links} lines, {entries} entries.',
    'holds.not-checked': 'All of it holds BUT FOR ML-DSA: {links} lines, {entries} entries.',
    'nothing': 'Nothing was read: no line is shown.',
    'limits': 'Not seen here: what the acts say (it is sealed), which card was in force, and entries that no signed head covers.',
    'record': 'Record {file}: {entries} entries hold as they did.',
    'record.cut': 'Record {file}: its end was not written to the end, and is read again.',
    'fault.feed.shrunk': 'The log is shorter than what was shown or cosigned before.',
    'fault.feed.malformed': 'The node answers in a form that spec/feed.md does not know.',
    'fault.feed.refused': 'The node refused to answer.',
    'fault.feed.unreachable': 'The node does not answer.',
    'fault.feed.record': 'The observer\'s own record does not hold.',
    'fault.card.expected': 'A party has another fingerprint than the one you gave.',
    'usage': 'usage: node observe.mjs [--socket PATH]... [--record FILE] [--fingerprint ID]... [--follow] [--every SECONDS] [--entries] [--lang en|zh] [--json]',
    'usage.verify': 'usage: node verify.mjs [--party FINGERPRINT]... [--disclosure FILE] [--lang en|zh] [--json] FILE',
    'verified.checked': 'Verified.',
    'verified.not-checked': 'Verified BUT FOR ML-DSA.',
    'verified.not': 'NOT VERIFIED: {text} [{code}{detail}]',
    'party': 'Party {code}, {name}; {fingerprint}, {compared}.',
    'act': '{party}.{position}',
    'place': 'Place: {channel} log, {realm}, generation {generation}, entry {position}.',
    'time': 'The writer claims {time}.',
    'receipt': 'The reader\'s receipt claims {time}.',
    'receipt.verdict': 'The reader said that it could not read it (reason {reason}).',
    'receipt.none': 'No receipt is shown.',
    'kind': 'Kind: {kind}.',
    'signed': 'Signed by {name}, {role}, named on card {card}.',
    'signed.lost': 'SIGNED WITH A KEY OF {name} THAT WAS REPLACED BEFORE, by control entry {lost}: it does not count.',
    'body': 'Body: {body}',
    'attachment': 'Attachment: {name}, {size} bytes; SHA-256 sealed {sealed}.',
    'withheld': '{n} parts are withheld.',
    'withheld.sealed': 'The sealed bytes are in the file, and are those of the entry.',
    'withheld.against': 'PROVED AGAINST {reader}, by its own signature and its own clock:',
    'withheld.knew': '  it knew of the entry on {time};',
    'withheld.stored': '  on {time} it had stored it; state of its node: {state}.',
    'withheld.unstored': '  on {time} it had not stored it; state of its node: {state}.',
    'withheld.claims': '{writer} claims, and this is not proved: no receipt by {time}; {n} attempts to deliver.',
    'withheld.not': 'Not proved: that there is no receipt (one shown by {reader} refutes it), that the bytes arrived, and when it happened.',
    'results.day': 'Tests of {reader} by {writer} on {day}, {realm}; digest {digest}, as in the record at {act}.',
    'results.carrier': '  {carrier}: {tried} tried, {answered} answered, median {median_ms} ms, worst {worst_ms} ms.',
    'results.silent': '  {carrier}: {tried} tried, none answered.',
    'results.differ': 'THE RECORD COUNTS OTHERWISE: {writer} signed other counts of these results.',
    'results.proved': '{proved} answers are shown, each signed by {reader} to that very test.',
    'results.lost': '{lost} answers are not kept: for them only the digest speaks.',
    'results.not': 'Not proved: that a test was sent, when, and how long its answer took ({writer} alone says so), and that nothing came where no answer is shown.',
    'state.0': 'ready',
    'state.1': 'restoring',
    'state.2': 'keys locked',
    'state.3': 'no room',
    'asof': 'As of head {size} of the {channel} log of {party}; later corrections or disownings are not excluded.',
  },
  zh: {
    'link': '{lower} 与 {higher} 的线，{realm}。',
    'link.party': '  {code}：{fingerprint}，{compared}。',
    'compared': '与您给出的相符',
    'not-compared': '尚未比对',
    'realm.real': '实战',
    'realm.exercise': '演练',
    'channel.1': '控制',
    'channel.2': '热线',
    'channel.3': '日常',
    'log': '{party} {channel}日志：{size} 条，新增 {new} 条。{signed}，名片序号 {card}。{receipts}',
    'signed.checked': '两种算法签名均正确',
    'signed.not-checked': 'Ed25519 签名正确（ML-DSA 签名未核验）',
    'mldsa.not-checked': 'ML-DSA 签名未核验：当前的 Node.js 没有 ML-DSA-44。每对签名只核验了其中的 Ed25519 签名。使用 Node.js 24.7 或更新版本，两者均可核验。',
    'log.card': '  {party} 最新名片序号为 {newest}，签名用的是较早的一张；当时生效的是哪张，写在密封的内容里。',
    'receipts.all': '应有回执的均已有回执。',
    'receipts.due': '尚有 {n} 条未见回执，最早一条自称时间 {time}。',
    'cosigned': '  {by} 已于 {time} 在 {size} 条处会签。',
    'surfaced': '  自第 {at} 条起为新的一代，由根密钥签署；此处之后原有 {n} 条不再计入。',
    'entry': '{party} {channel} 第 {position} 条，{time}：{what}',
    'type.1': '新的密钥期',
    'type.2': '一项表示（密封）',
    'type.3': '对方日志第 {from} 至 {to} 条的回执{verdicts}',
    'verdicts': '；无法读取：{positions}',
    'type.4': '重新发出第 {target} 条',
    'type.5': '对方{frozen}日志已冻结：分叉得到证明',
    'type.6': '时钟更正：由 {old} 改为 {new}',
    'type.7': '当日收到问候的小时，第 {day} 日',
    'type.8': '新的一代开始',
    'waiting': '{lower} 与 {higher} 的线：节点没有给出某个日志的已签日志头，正在恢复的节点即如此。本次未读取。',
    'unreachable': '节点没有应答：{detail}',
    'failed': '核验不符：{where}：{text}〔{code}{detail}〕',
    'failed.link': '{lower} 与 {higher} 的线',
    'failed.entry': '{party} {channel}日志第 {position} 条',
    'failed.log': '{party} {channel}日志',
    'holds.checked': '全部相符：{links} 条线，{entries} 条。',
    'holds.not-checked': '除 ML-DSA 签名未核验外，全部相符：{links} 条线，{entries} 条。',
    'nothing': '什么也没有读到：没有任何一条线。',
    'limits': '此处看不到：内容（均已密封）、当时生效的名片、已签日志头未覆盖的条目。',
    'record': '记录 {file}：{entries} 条，与此前相符。',
    'record.cut': '记录 {file}：末尾未写完，将重新读取。',
    'fault.feed.shrunk': '日志比此前出示或会签过的要短。',
    'fault.feed.malformed': '节点的应答不符合 spec/feed.md 的格式。',
    'fault.feed.refused': '节点拒绝应答。',
    'fault.feed.unreachable': '节点没有应答。',
    'fault.feed.record': '观察程序自己的记录核验不符。',
    'fault.card.expected': '有一方的指纹与您给出的不同。',
    'usage': '用法：node observe.mjs [--socket 路径]... [--record 文件] [--fingerprint 指纹]... [--follow] [--every 秒] [--entries] [--lang en|zh] [--json]',
    'usage.verify': '用法：node verify.mjs [--party 指纹]... [--disclosure 文件] [--lang en|zh] [--json] 文件',
    'verified.checked': '核验通过。',
    'verified.not-checked': '除 ML-DSA 签名未核验外，核验通过。',
    'verified.not': '未通过核验：{text}〔{code}{detail}〕',
    'party': '当事方 {code}，{name}；{fingerprint}，{compared}。',
    'act': '{party}.{position}',
    'place': '位置：{channel}日志，{realm}，第 {generation} 代，第 {position} 条。',
    'time': '发文方所称时间：{time}。',
    'receipt': '收文方回执所称时间：{time}。',
    'receipt.verdict': '收文方称无法读取（原因 {reason}）。',
    'receipt.none': '未出示回执。',
    'kind': '类别：{kind}。',
    'signed': '签署人：{name}，{role}，载于名片序号 {card}。',
    'signed.lost': '签署所用的 {name} 的密钥此前已被替换（控制记录第 {lost} 条）：不作数。',
    'body': '正文：{body}',
    'attachment': '附件：{name}，{size} 字节；密封字节的 SHA-256 为 {sealed}。',
    'withheld': '未出示的部分：{n} 个。',
    'withheld.sealed': '文件中附有密文，与条目相符。',
    'withheld.against': '对 {reader} 不利的证明（由其自行签名，时间以其时钟为准）：',
    'withheld.knew': '  {time} 已知悉该条目；',
    'withheld.stored': '  {time} 已存储该条目；其节点状态：{state}。',
    'withheld.unstored': '  {time} 尚未存储该条目；其节点状态：{state}。',
    'withheld.claims': '{writer} 单方说法，未获证明：截至 {time} 无回执；投递尝试 {n} 次。',
    'withheld.not': '未证明：确无回执（{reader} 出示一份回执即可推翻）、字节已经送达、实际发生的时间。',
    'results.day': '{day} {writer} 对 {reader} 的测试，{realm}；摘要 {digest}，见记录条目 {act}。',
    'results.carrier': '  {carrier}：测试 {tried} 次，应答 {answered} 次，中位数 {median_ms} 毫秒，最长 {worst_ms} 毫秒。',
    'results.silent': '  {carrier}：测试 {tried} 次，均无应答。',
    'results.differ': '与记录所载统计不符：{writer} 就上述结果签署的统计与此不同。',
    'results.proved': '所示应答 {proved} 项，均由 {reader} 针对该次测试签署。',
    'results.lost': '未保存的应答 {lost} 项：仅有摘要可据。',
    'results.not': '未证明：确曾发出测试、发出时间和应答用时（仅为 {writer} 单方所称），以及未出示应答的测试确无应答。',
    'state.0': '就绪',
    'state.1': '正在恢复',
    'state.2': '密钥已锁定',
    'state.3': '空间不足',
    'asof': '以 {party} {channel}日志前 {size} 条为限；不排除此后的更正或否认。',
  },
};

export const languages = Object.keys(words);

// languageOf guesses from the environment; English where it says nothing.
export function languageOf(environment) {
  const set = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return set.startsWith('zh') ? 'zh' : 'en';
}

export function teller(language) {
  const known = words[language];
  const tell = (name, values = {}) => known[name].replace(/\{(\w+)\}/g, (_, v) => printable(values[v]));
  tell.fault = (code) => known[`fault.${code}`] ?? faultTexts(language)[`fault.${code}.text`] ?? code;
  tell.detail = (err) => (err.detail ? `: ${err.detail}` : '');
  return tell;
}

// unchecked is the line that says what was not checked, if anything was not.
export const unchecked = (tell) => (stated.mldsa === 'checked' ? [] : [tell(`mldsa.${stated.mldsa}`)]);

// printable shows what came from outside so that it steers no terminal (FAU-5).
export function printable(value) {
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g, (c) =>
    `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const read = new Map();
function faultTexts(language) {
  if (!read.has(language)) {
    let texts = {};
    try {
      texts = JSON.parse(readFileSync(path.join(here, '..', 'internal', 'locale', language, 'faults.json'), 'utf8'));
    } catch {
      // This folder was taken elsewhere: the codes stand for themselves.
    }
    read.set(language, texts);
  }
  return read.get(language);
}

// instant writes milliseconds since 1970 in UTC.
export function instant(ms) {
  const n = Number(ms);
  return n <= 8.64e15 ? new Date(n).toISOString() : `${ms} ms`;
}

// spoken is a fingerprint as people compare it (PAR-4).
export const spoken = (id) => Buffer.from(id).toString('hex').match(/.{4}/g).join(' ');
