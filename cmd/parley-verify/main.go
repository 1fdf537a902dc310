// Command parley-verify implements spec/disclosure.md: it checks one disclosed
// act offline, with neither party's node, and says in both languages what it
// proves and what it does not.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/party"
)

const usage = `Usage: parley-verify [--json] [--writer FINGERPRINT] [--reader FINGERPRINT] FILE

Checks a disclosure. Compare the two founding fingerprints with ones you have from elsewhere: without that it proves only that two holders of such keys exchanged this act.
核验一份披露文件。请将两个创始指纹与您从其他途径获得的指纹比对，或在命令中给出。
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("parley-verify", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	asJSON := flags.Bool("json", false, "")
	given := [2]*string{flags.String("writer", "", ""), flags.String("reader", "", "")}
	if flags.Parse(args) != nil || flags.NArg() != 1 {
		flags.Usage()
		return 2
	}
	var founding [2]party.ID
	var err error
	for i, text := range given {
		if err == nil && *text != "" {
			founding[i], err = party.ParseID(strings.ReplaceAll(*text, " ", ""))
		}
	}
	var f *audit.Finding
	if err == nil {
		f, err = check(flags.Arg(0), founding)
	}
	if *asJSON {
		json.NewEncoder(out).Encode(map[string]any{"ok": err == nil, "code": fault.CodeOf(err), "finding": machine(f, founding)})
	} else if err == nil {
		report(out, f, founding)
	}
	if err != nil {
		fmt.Fprintf(errs, "NOT VERIFIED · 未通过核验\n  %s\n  %v\n", fault.CodeOf(err), err)
		return 1
	}
	return 0
}

func check(path string, founding [2]party.ID) (*audit.Finding, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := audit.Verify(data, founding)
	if err != nil {
		return nil, err // what is not proved is not shown
	}
	return f, nil
}

// machine is the finding for programs: the names that docs/manual-auditor.md
// uses, keys and hashes in hexadecimal, times in milliseconds. A body that is
// withheld is null.
func machine(f *audit.Finding, founding [2]party.ID) map[string]any {
	if f == nil {
		return nil
	}
	m := map[string]any{"realm": f.Origin.Realm, "channel": f.Origin.Channel, "generation": f.Origin.Generation, "position": f.Position,
		"head": f.Head.Size, "time": f.Time, "receipted": f.Receipted, "verdict": f.Verdict, "withheld": f.Withheld, "body": nil}
	for i, id := range []party.ID{f.Origin.Writer, f.Origin.Reader} {
		m[[2]string{"writer", "reader"}[i]] = map[string]any{"party": id.String(), "name": f.Names[i], "compared": founding[i] == id}
	}
	if f.Statement != nil {
		m["kind"], m["digest"] = f.Statement.Kind, f.Short
	}
	people, attached := []map[string]any{}, []map[string]any{}
	for _, p := range f.Persons {
		people = append(people, map[string]any{"name": p.Name, "role": p.Role, "key": p.Key, "card": p.Card})
	}
	for _, a := range f.Attached {
		attached = append(attached, map[string]any{"name": a.Name, "bytes": a.Size, "sealed": fmt.Sprintf("%x", a.Sealed)})
	}
	m["signed_by"], m["attachments"] = people, attached
	if f.Body != nil {
		m["body"] = f.Body // base64, unless it is JSON
		if json.Valid(f.Body) {
			m["body"] = json.RawMessage(f.Body)
		}
	}
	return m
}

func report(out io.Writer, f *audit.Finding, founding [2]party.ID) {
	say := func(en, zh, value string) { fmt.Fprintf(out, "  %-28s %s\n", en+" · "+zh, value) }
	when := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
	fmt.Fprintln(out, "VERIFIED · 核验通过")
	for i, id := range []party.ID{f.Origin.Writer, f.Origin.Reader} {
		say([2]string{"writer", "reader"}[i], [2]string{"发文方", "收文方"}[i], f.Names[i])
		say("  founding fingerprint", "创始指纹", id.Spoken())
		if founding[i] != id {
			say("  NOT COMPARED", "尚未比对", "compare it with one you have from elsewhere · 请与其他途径获得的指纹比对")
		}
	}
	say("realm", "域", map[uint8]string{party.Real: "real · 实战", party.Exercise: "EXERCISE · 演练"}[f.Origin.Realm])
	say("place in the writer's log", "发文日志序号", fmt.Sprint(f.Position))
	say("time, writer's claim", "发文方所称时间", when(f.Time))
	receipted := "none shown · 未出示"
	if f.Receipted > 0 {
		receipted = when(f.Receipted)
	}
	say("receipted by the reader", "收文方回执时间", receipted)
	if f.Verdict != 0 {
		say("READER COULD NOT READ IT", "收文方称无法读取", fmt.Sprint(f.Verdict))
	}
	if f.Statement != nil {
		say("kind, statement digest", "类别、声明摘要", f.Statement.Kind+", "+f.Short)
	}
	for _, p := range f.Persons {
		say("signed by", "签署人", fmt.Sprintf("%s (%s), key %s", p.Name, p.Role, p.Key))
	}
	for _, a := range f.Attached {
		say("attachment", "附件", fmt.Sprintf("%s, %d bytes, sealed SHA-256 %x", a.Name, a.Size, a.Sealed))
	}
	if f.Body == nil {
		say("body", "正文", "withheld, its commitment is valid · 未出示，其承诺值有效")
	} else {
		fmt.Fprintf(out, "  body · 正文\n%s\n", f.Body)
	}
	fmt.Fprintf(out, "Parts withheld · 未出示部分: %d\nAs of head %d of the writer's log; later corrections or disownings are not excluded.\n"+
		"以发文方日志第 %d 条为限；不排除其后的更正或否认。\n", f.Withheld, f.Head.Size, f.Head.Size)
}
