// A night's work between two parties, so that pages have something to show:
// requests both ways, at different steps, in both languages.

import { form } from "./world.mjs";

const en = (text) => ({ lang: "en", text });
const zh = (text) => ({ lang: "zh-Hans", text });

// night plays it and gives the names of the requests.
export async function night(w) {
  const { us, them } = w;
  const names = {};
  const mail = await us.file("mail.eml", "From: dana@corvane-va1ves.example\nSubject: new bank details\n");
  names.answered = await us.open(await form("incident", { title: en("Imitated supplier mail: payment diverted") }), "--attach", mail);
  names.fresh = await us.open(await form("mitigation", { title: en("Take down a command server used in invoice fraud") }));
  names.preserve = await us.open(await form("preservation", { title: en("Preserve three mailboxes, 1–14 March") }));
  names.theirs = await them.open(await form("mitigation", { title: zh("关停用于发票诈骗的控制服务器"), why: zh("今晚仍在收款。"), fields: { facts: "自 3 月 2 日以来，该服务器接收了 31 家企业被窃的发票。请保留磁盘副本，勿通知其用户。" } }));
  names.asked = await them.open(await form("incident", { title: zh("售卡网站的托管记录"), why: zh("对方随时可能迁移。") }));
  await w.meet();
  await them.say("open", names.answered);
  await them.say("accept", names.answered, "--text", "我方受理。", "--text-lang", "zh-Hans");
  await them.say("ask", names.answered, "--text", "款项汇往哪一个账户？", "--text-lang", "zh-Hans");
  await us.say("open", names.theirs);
  await us.say("accept", names.theirs, "--text", "We take this on.");
  await us.say("open", names.asked);
  await us.say("accept", names.asked, "--text", "Taken on.");
  await us.say("ask", names.asked, "--text", "During which hours, in UTC, was the site seen?");
  await w.meet();
  await us.say("reply", names.answered, "--text", "To the second, ending 4471.");
  await w.meet();
  const analysis = await them.file("analysis.txt", "The host 198.51.100.143 sent the mail.\n");
  await them.say("answer", names.answered, "--partial", "--text", "主机已查明，分析报告附后。", "--text-lang", "zh-Hans", "--attach", analysis);
  await w.meet();
  // Translations of our own: one reviewed, one not yet.
  const shown = await us.json("request", "show", names.theirs);
  const act = shown.acts.find((a) => a.kind === "request.open").name;
  await us.say("translate", names.theirs, "--act", act, "--path", "/title/text", "--translator", "Liu Yan", "--reviewer", "Chen Bo", "--text", "Take a control server used for invoice fraud offline", "--text-lang", "en");
  await us.say("translate", names.theirs, "--act", act, "--path", "facts", "--translator", "Liu Yan", "--text", "Since 2 March the server has received stolen invoices from 31 firms. Keep a copy of the disk; do not notify the customer.", "--text-lang", "en");
  await w.meet();
  return names;
}

// calls plays two calls between them: one of theirs that rings, one of ours that
// is talked in. Both sides' officers sign with key files.
export async function calls(w, { subject = "服务器正在删除日志", text = "请立即冻结磁盘。", lang = "zh-Hans", said = "款项尚未汇出。" } = {}) {
  const { us, them } = w;
  const ringing = (await them.json("hotline", "call", "--officer", "duty", "--severity", "major", "--subject", subject, "--text", text, "--text-lang", lang)).call;
  const talking = (await us.json("hotline", "call", "--officer", "duty", "--severity", "major", "--subject", "Stop a transfer before the bank closes", "--text", "It leaves within the hour.")).call;
  await w.meet();
  await them.parley("hotline", "answer", talking, "--officer", "duty");
  await w.meet();
  await us.parley("hotline", "say", talking, "--officer", "duty", "--text", "Can the sending bank recall the payment?");
  await them.parley("hotline", "say", talking, "--officer", "duty", "--text", said, "--text-lang", lang);
  await w.meet();
  const act = (await us.json("hotline", "show", talking)).acts.find((a) => a.kind === "call.say" && a.ours).name;
  await them.parley("hotline", "word", talking, "--officer", "duty", "--act", act, "--word", "recall", "--text", said, "--text-lang", lang);
  await them.parley("hotline", "join", talking, "--officer", "duty", "--name", "罗志成", "--role", "supervisor", "--for", "何敏", "--text", said, "--text-lang", lang);
  await w.meet();
  return { ringing, talking };
}
