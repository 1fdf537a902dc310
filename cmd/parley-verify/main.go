// Command parley-verify implements spec/disclosure.md: it checks a file that a
// party shows, offline and with neither party's node, and says in both
// languages what it proves, against whom, and what it does not.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"parley.example/wire/audit"
	"parley.example/wire/audit/report"
	"parley.example/wire/fault"
	"parley.example/wire/party"
)

const usage = `Usage: parley-verify [--party FINGERPRINT]... [--disclosure FILE] [--lang en|zh|both] [--json | --print] FILE

Checks a disclosure of acts, a proof, a withheld receipt, or a day's results of machine tests; which of them it is, the file says. For results name with --disclosure the one that shows the day's act. Give the founding fingerprints that you have from elsewhere: without them it proves only that two holders of such keys exchanged this. --print writes a page for print (HTML).
Exit code: 0 verified, 1 not verified, 2 not understood.

核验披露文件、证明、扣留回执的证明或某日的机器测试结果，类别由文件自身表明。核验测试结果的，请以 --disclosure 指明出示当日条目的披露文件。请以 --party 给出您从其他途径获得的创始指纹；未给出的，仅能证明持有该密钥的双方有过此项往来。--print 输出供打印的页面（HTML）。
退出码：0 核验通过，1 未通过，2 命令有误。
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("parley-verify", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprint(errs, usage) }
	var known []party.ID
	var bad error
	flags.Func("party", "", func(text string) error {
		id, err := party.ParseID(strings.ReplaceAll(text, " ", ""))
		if known = append(known, id); bad == nil {
			bad = err
		}
		return nil
	})
	asJSON, asPage := flags.Bool("json", false, ""), flags.Bool("print", false, "")
	disclosure := flags.String("disclosure", "", "")
	lang := flags.String("lang", report.Both, "")
	if flags.Parse(args) != nil || flags.NArg() != 1 || *lang != report.Both && *lang != report.English && *lang != report.Chinese {
		flags.Usage()
		return 2
	}
	var r *report.Report
	err := bad
	if err == nil {
		r, err = check(flags.Arg(0), *disclosure, known)
	}
	switch {
	case *asJSON:
		answer := map[string]any{"ok": err == nil, "code": fault.CodeOf(err), "kind": nil, "finding": nil}
		if err == nil {
			answer["kind"], answer["finding"] = r.Kind, r.Machine
		}
		json.NewEncoder(out).Encode(answer)
	case err == nil && *asPage:
		r.HTML(out, *lang)
	case err == nil:
		r.Text(out, *lang)
	}
	if err != nil {
		fmt.Fprintf(errs, "%s\n  %s\n  %v\n", report.Words{"NOT VERIFIED", "未通过核验"}.In(*lang), fault.CodeOf(err), err)
		return 1
	}
	return 0
}

// check reads no more of a file than can be one.
func check(path, disclosure string, known []party.ID) (*report.Report, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	var beside []byte
	if disclosure != "" {
		if beside, err = read(disclosure); err != nil {
			return nil, err
		}
	}
	return report.JudgeBeside(data, beside, known)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, audit.MaxBundle+1))
}
