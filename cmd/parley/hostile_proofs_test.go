package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
)

// judged is what parley-verify says of a file, in English and in Chinese.
type judged struct {
	kind   string
	en, zh []string
}

// exports: the victim lists one piece of evidence of a kind against the liar,
// exports it, and the auditor's program convicts the liar by it.
func (l *lying) exports(kind string, want judged) {
	l.t.Helper()
	l.run([]string{"parley --dir us --json evidence list", "save NAME kind=" + kind + ".name",
		"parley --dir us --lang zh evidence list", "stdout $NAME",
		"parley --dir us evidence export $NAME -o proof"})
	l.convicts("proof", want)
}

// convicts: the built parley-verify, which has nothing of either node, finds
// the file good with both fingerprints, says in each language against whom it
// proves what, and takes no copy of it in which a bit is bent.
func (l *lying) convicts(file string, want judged) {
	l.t.Helper()
	both := " --party " + l.p.Us.String() + " --party " + l.p.Them.String() + " "
	for lang, words := range map[string][]string{"en": append(want.en, "VERIFIED"), "zh": append(want.zh, "核验通过")} {
		l.run([]string{"parley-verify --lang " + lang + both + file})
		for _, w := range words {
			if !strings.Contains(l.out, w) {
				l.t.Errorf("without %q:\n%s", w, l.out)
			}
		}
		if strings.Contains(l.out, "NOT COMPARED") || strings.Contains(l.out, "尚未比对") || l.errs != "" {
			l.t.Errorf("%s%s", l.out, l.errs)
		}
	}
	l.run([]string{"parley-verify --json" + both + file, "json kind " + want.kind})
	good, err := os.ReadFile(l.path(file))
	l.check(err)
	for at := 3; at < len(good); at += 1 + len(good)/7 {
		bent := append([]byte(nil), good...)
		bent[at] ^= 1 << (at % 8)
		l.write("bent", string(bent))
		var ended *exec.ExitError
		if err := l.foreground([]string{"parley-verify", "bent"}); !errors.As(err, &ended) || ended.ExitCode() != 1 || l.out != "" {
			l.t.Errorf("bent at byte %d of %d: %v\n%s", at, len(good), err, l.out)
		}
	}
}

// liesBySilence are about receipts that are not given.
func liesBySilence() []lie {
	return []lie{
		{"receipts withheld, of what it says it has stored", func(l *lying) {
			l.silent(func(h *contact.Hello) {}, "READER HAD STORED IT", "收文方已存")
		}},
		{"receipts withheld, of what it says it has not stored", func(l *lying) {
			l.silent(func(h *contact.Hello) { h.Stored[routine-1].Size = 0 }, "READER HAD NOT STORED IT", "收文方未存")
		}},
	}
}

// liesInDisowning are about keys that were never lost.
func liesInDisowning() []lie {
	return []lie{
		{"an act disowned that was receipted", func(l *lying) {
			at := l.p.Say(act.RequestOpen, routine, nil, l.request())
			if v := l.deliver(at); v != 0 {
				l.t.Errorf("verdict %d", v)
			}
			keys, err := (&shell{dir: l.path("cn")}).unlockRootFolder(rootOptions{})
			l.check(err)
			root, err := keys.root()
			l.check(err)
			c := &evidence.Compromise{Origin: l.p.Origin(true, routine, 0), Key: l.p.Officer.KeyID(), From: at}
			c.Signature = root.Sign(c.ToSign())
			l.says(act.Compromise, nil, c.Encode())
			l.exports(node.EvidenceCompromise, judged{"disclosure", []string{"key in other hands", "that the key " + c.Key + " signed"},
				[]string{"密钥失控", "由密钥 " + c.Key + " 签署的行为"}})
			// It stays receipted, and stands beside what disowns it.
			l.run([]string{"parley --dir us disclose cn-" + fault.Int(at) + " -o disowned"})
			l.convicts("disowned", judged{"disclosure", []string{"DISOWNED BY ITS OWN PARTY", "receipted by the reader"}, []string{"已被发文方否认", "收文方回执时间"}})
		}},
	}
}

// silent: the liar takes an act, gives no receipt, and meets as if nothing were
// owed. Its own hellos are what convicts it.
func (l *lying) silent(says func(*contact.Hello), en, zh string) {
	l.t.Helper()
	l.p.Dull = true
	at := l.victimAsks()
	for range 2 {
		t := l.p.Turn()
		t.Hello = l.p.Hello(says)
		_, err := l.p.Exchange(l.t.Context(), t)
		l.check(err)
	}
	l.run([]string{"parley --dir us line withheld us-" + fault.Int(at) + " -o silence"})
	l.convicts("silence", judged{"withheld", []string{"cn signed that it knew of this entry of us", "READER KNEW OF IT", en},
		[]string{"cn 签署表明已知悉 us 的该条目", "收文方已知悉", zh}})
	l.run([]string{"parley --dir us --lang zh line check silence", "stdout " + zh})
}
