package main

import (
	"fmt"
	"strings"

	"parley.example/internal/bench"
	"parley.example/internal/locale"
	"parley.example/wire/fault"
)

// benchTables tells a report as tables, for a terminal or as Markdown.
type benchTables struct {
	*shell
	markdown bool
}

// tellBench tells what was measured, table by table.
func (sh *shell) tellBench(r *bench.Report, markdown bool) {
	t := benchTables{sh, markdown}
	t.say("cli.bench.machine", "cpus", fault.Int(r.Machine.CPUs), "cpu", r.Machine.CPU, "os", r.Machine.OS, "go", r.Machine.Go,
		"seconds", fmt.Sprintf("%.0f", r.Duration))
	t.lines(r)
	t.syncs(r)
	var rows [][]string
	for _, h := range r.Hotline {
		rows = append(rows, []string{t.T("cli.bench.reach." + h.What), fault.Int(h.Acts), milli(h.Node.P50), milli(h.Floor.P50), ratio(float64(h.Node.P50), float64(h.Floor.P50)),
			milli(h.Node.P99), milli(h.Floor.P99), ratio(float64(h.Node.P99), float64(h.Floor.P99))})
	}
	t.table("hotline", []string{"what", "acts", "p50", "floor", "ratio", "p99", "floor", "ratio"}, rows)
	rows = nil
	for _, p := range r.Parts {
		rows = append(rows, []string{t.T("cli.bench.part." + p.Name), number(p.PerSecond)})
	}
	t.table("parts", []string{"what", "rate"}, rows)
	rows = nil
	for _, f := range r.Folds {
		rows = append(rows, []string{fault.Int(f.Acts), fmt.Sprintf("%.2f", f.Seconds), number(float64(f.Acts) / max(f.Seconds, 1e-6)), mega(f.Peak)})
	}
	t.table("folds", []string{"acts", "seconds", "rate", "peak"}, rows)
	rows = nil
	for _, f := range r.Flat {
		rows = append(rows, []string{fault.Int(f.At), fault.Int(f.Short), fault.Int(f.Long), milli(int64(f.P50.Short)), milli(int64(f.P50.Long)), ratio(f.P50.Long, f.P50.Short),
			number(f.CPU.Short), number(f.CPU.Long), ratio(f.CPU.Long, f.CPU.Short)})
	}
	t.table("flat", []string{"at", "short", "longer", "p50short", "p50long", "ratio", "cpushort", "cpulong", "ratio"}, rows)
	rows = nil
	for _, s := range r.Start {
		rows = append(rows, []string{fault.Int(s.Acts), fmt.Sprintf("%.0f", s.Millis), mega(s.RSS)})
	}
	t.table("start", []string{"acts", "startms", "idle"}, rows)
	rows = nil
	if c := r.CatchUp; c.Acts > 0 {
		rows = append(rows, []string{fault.Int(c.Acts), number(c.PerSecond), mega(c.Peak)})
	}
	t.table("catchup", []string{"acts", "rate", "peak"}, rows)
}

// T is the text of a key.
func (t benchTables) T(key string) string { return t.locale.T(key) }

func (t benchTables) lines(r *bench.Report) {
	var whole, rate [][]string
	for _, l := range r.Lines {
		kind, at := t.T("cli.bench.kind."+l.Kind), fault.Int(l.At)
		whole = append(whole, []string{kind, at, milli(l.Node.Whole.P50), milli(l.Floor.Whole.P50), ratio(float64(l.Node.Whole.P50), float64(l.Floor.Whole.P50)),
			milli(l.Node.Whole.P99), milli(l.Floor.Whole.P99), ratio(float64(l.Node.Whole.P99), float64(l.Floor.Whole.P99)), milli(l.Node.Sent.P50), milli(l.Floor.Sent.P50)})
		rate = append(rate, []string{kind, at, number(l.Node.PerSecond), number(l.Judged), number(l.Floor.PerSecond), ratio(l.Node.PerSecond, l.Floor.PerSecond),
			number(l.Node.CPU), number(l.Node.Behind), number(l.Floor.CPU)})
	}
	t.table("latency", []string{"kind", "at", "p50", "floor", "ratio", "p99", "floor", "ratio", "sent", "floorsent"}, whole)
	t.table("rates", []string{"kind", "at", "rate", "judged", "floor", "ratio", "cpu", "behind", "floorcpu"}, rate)
}

func (t benchTables) syncs(r *bench.Report) {
	if r.SyncsBy == "" && len(r.Lines) > 0 && len(r.Parts) > 0 { // not if one table was asked for
		t.say("cli.bench.nosyncs")
	}
	var rows [][]string
	for _, s := range r.Syncs {
		rows = append(rows, []string{t.T("cli.bench.kind." + s.Kind), fault.Int(s.At), fault.Int(s.Acts), fault.Int(s.Syncs), fmt.Sprintf("%.3f", s.PerAct), fault.Int(s.Behind)})
	}
	t.table("syncs", []string{"kind", "at", "acts", "syncs", "peract", "behind"}, rows)
}

// table writes one table with its title and the names of its columns.
func (t benchTables) table(name string, columns []string, rows [][]string) {
	if len(rows) == 0 {
		return // it was not asked for
	}
	head := make([]string, len(columns))
	right := []int{}
	for i, c := range columns {
		head[i] = t.T("cli.bench.column." + c)
		if c != "kind" && c != "what" {
			right = append(right, i)
		}
	}
	title := t.T("cli.bench.table." + name)
	if !t.markdown {
		fmt.Fprintf(t.out, "\n%s\n", title)
		for _, line := range locale.Columns(append([][]string{head}, rows...), right...) {
			fmt.Fprintln(t.out, "  "+line)
		}
		return
	}
	fmt.Fprintf(t.out, "\n%s\n\n| %s |\n|%s\n", title, strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		fmt.Fprintf(t.out, "| %s |\n", strings.Join(row, " | "))
	}
}

func milli(micros int64) string { return fmt.Sprintf("%.2f", float64(micros)/1e3) }
func number(v float64) string   { return fmt.Sprintf("%.0f", v) }
func mega(bytes int64) string   { return fmt.Sprintf("%.0f", float64(bytes)/(1<<20)) }
func ratio(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}
