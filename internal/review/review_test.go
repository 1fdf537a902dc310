package review

import (
	"bytes"
	"encoding/csv"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

var update = flag.Bool("update", false, "write the vectors anew")

// group finds a group of a direction.
func group(t testing.TB, r *Report, from, by, code string) *Group {
	t.Helper()
	for _, d := range r.Directions {
		for i := range d.Groups {
			g := &d.Groups[i]
			if d.From == from && g.By == by && slices.Contains([]string{g.Class, g.Type, g.Unit, g.Urgency}, code) {
				return g
			}
		}
	}
	t.Fatalf("no group by %s of %q", by, code)
	return nil
}

// Spec: REV-10. Spec: REV-11. Spec: REV-12. Spec: REV-13. Spec: REV-14.
// Spec: REV-15. Spec: REV-16. Spec: REV-17. Spec: REV-18. Spec: REV-19.
func TestFigures(t *testing.T) {
	r := made(t, sample(t)).Report()
	hour := int64(calendar.Hour)
	for _, c := range []struct {
		from, by, code, section, step, measure string
		want                                   int64
	}{
		{Lower, ByAll, All, Requests, "", "threads", 5},
		{Lower, ByAll, All, Requests, "", Open, 1},
		{Lower, ByAll, All, Requests, "", Ended, 3},
		{Lower, ByAll, All, Requests, "", Voids, 1},
		{Lower, ByAll, All, Requests, "", "destroyed", 1},
		{Lower, ByAll, All, Class, "", "request", 3},
		{Lower, ByAll, All, Class, "", "notification", 1}, // of a residue, by its type
		{Lower, ByAll, All, Timeliness, "acknowledge", "met-tenths", 1000},
		{Lower, ByAll, All, Timeliness, "acknowledge", "median-ms", hour},
		{Lower, ByAll, All, Timeliness, "decide", "late", 1},
		{Lower, ByAll, All, Timeliness, "report", "disputed", 1},
		{Lower, ByAll, All, Timeliness, "report", "agreed", 0},
		{Lower, ByAll, All, Timeliness, "report", "differing-claimed-ms", 2 * hour},
		{Lower, ByAll, All, Timeliness, "report", "differing-receipt-ms", 30 * hour},
		{Lower, ByAll, All, Timeliness, "answer", "unreceipted", 1},
		{Lower, ByAll, All, Timeliness, "answer", "done", 0},
		{Lower, ByAll, All, Timeliness, "reply", "median-ms", 3 * hour},
		{Lower, ByAll, All, Completeness, "", "incomplete", 1},
		{Lower, ByAll, All, Completeness, "", "things-missing", 3},
		{Lower, ByAll, All, Refusals, "", "unavailable", 1},
		{Lower, ByAll, All, Softer, "", "partial", 1},
		{Lower, ByAll, All, Outcomes, "", "partial", 1},
		{Lower, ByAll, All, Outcomes, "", "reminders", 2},
		{Lower, ByAll, All, Proposals, "extend", "refused", 1},
		{Lower, ByAll, All, Proposals, "extend", "granted", 1},
		{Lower, ByAll, All, Urgency, "", "claims", 4},
		{Lower, ByAll, All, Urgency, "", "disputed-tenths", 250},
		{Lower, ByUrgency, "urgent", Urgency, "", "disputed-tenths", 1000},
		{Lower, ByAll, All, Quality, "", "rated", 2},
		{Lower, ByAll, All, Quality, "", "rated-median", 2},
		{Lower, ByAll, All, Quality, "", "contested", 1},
		{Lower, ByAll, All, Quality, "", "marks-lifted", 1},
		{Lower, ByAll, All, Use, "", "asked", 2},
		{Lower, ByAll, All, Use, "", "explained", 1},
		{Lower, ByAll, All, Requests, "", "priority-both", 1},
		{Lower, ByAll, All, Entries, "receiver", "unreceipted", 1},
		{Lower, ByAll, All, Entries, "requester", "acts", 3},
		{Lower, ByUnit, "fraud", Requests, "", "threads", 1}, // forwarded there
		{Lower, ByUnit, Unknown, Requests, "", "threads", 1},
		{Lower, ByUrgency, Unknown, Requests, "", "threads", 1},
		{Higher, ByAll, All, Preservation, "", "held", 1},
		{Higher, ByAll, All, Preservation, "", "lapses-requester", 1},
		{Higher, ByAll, All, Preservation, "", "lapses-receiver", 1},
		{Higher, ByAll, All, Timeliness, "hold-requester", "running", 1},
		{Higher, ByType, "preservation", Timeliness, "answer", "overdue", 1},
	} {
		if have := group(t, r, c.from, c.by, c.code).Value(c.section, c.step, c.measure); have != c.want {
			t.Errorf("%s by %s of %s: %s %s %s is %d, want %d", c.from, c.by, c.code, c.section, c.step, c.measure, have, c.want)
		}
	}
}

// Spec: REV-16. A figure is one of the lengths, by nearest rank.
func TestRank(t *testing.T) {
	for _, c := range []struct {
		list      []int64
		half, p90 int64
	}{
		{[]int64{7}, 7, 7}, {[]int64{1, 2}, 1, 2}, {[]int64{1, 2, 3}, 2, 3},
		{[]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5, 9}, {[]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 6, 10},
	} {
		if half, p90 := rank(c.list, 1, 2), rank(c.list, 9, 10); half != c.half || p90 != c.p90 {
			t.Errorf("%v: %d and %d, want %d and %d", c.list, half, p90, c.half, c.p90)
		}
	}
}

// Spec: REV-15. Shares are whole numbers, rounded half up; nothing has none.
func TestShare(t *testing.T) {
	for _, c := range [][3]int64{{1, 3, 333}, {2, 3, 667}, {1, 2000, 1}, {1, 2001, 0}, {7, 7, 1000}, {0, 5, 0}} {
		one := newTally()
		one.share(Urgency, "", "disputed-tenths", c[0], c[1])
		if have := one.counts[Key{Urgency, "", "disputed-tenths"}]; have != c[2] {
			t.Errorf("%d of %d: %d", c[0], c[1], have)
		}
	}
	if one := newTally(); len(one.figures()) != 0 {
		t.Errorf("of nothing: %v", one.figures())
	}
}

// Spec: REV-13. Every phase stands in one of the four.
func TestStands(t *testing.T) {
	want := map[string][]casework.Phase{
		Drafts: {casework.Drafted}, Voids: {casework.None, casework.Void},
		Ended: {casework.Answered, casework.Declined, casework.Redirected, casework.Returned, casework.Withdrawn, casework.Closed},
		Open: {casework.Incomplete, casework.Sent, casework.Stored, casework.Opened, casework.Accepted, casework.Asked, casework.Offered,
			casework.Awaiting, casework.Postponed, casework.Partial},
	}
	for stands, phases := range want {
		for _, p := range phases {
			if have := Stands(p); have != stands {
				t.Errorf("%s: %s, want %s", p, have, stands)
			}
		}
	}
}

// Spec: REV-2. Threads come in one order, each once.
func TestOrder(t *testing.T) {
	th := residue()
	for _, c := range []struct {
		list []Case
		ok   bool
	}{
		{[]Case{{false, 1, th}, {false, 2, th}, {true, 0, th}, {true, 9, th}}, true},
		{[]Case{{false, 1, th}, {false, 1, th}}, false},
		{[]Case{{false, 2, th}, {false, 1, th}}, false},
		{[]Case{{true, 0, th}, {false, 1, th}}, false},
	} {
		r := New(input(t))
		var err error
		for _, one := range c.list {
			if e := r.Add(one); e != nil {
				err = e
			}
		}
		if (err == nil) != c.ok || err != nil && !fault.Is(err, rule.ReviewOrder) {
			t.Errorf("%v: %v", c.list, err)
		}
	}
}

// Spec: REV-3. The input digest changes with everything that went in.
func TestInputDigest(t *testing.T) {
	seen := map[[32]byte]string{}
	check := func(name string, in Input, cases []Case) {
		r := New(in)
		for _, c := range cases {
			if err := r.Add(c); err != nil {
				t.Fatal(err)
			}
		}
		if other, twice := seen[r.Digest()]; twice {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[r.Digest()] = name
	}
	cases := sample(t)
	check("sample", input(t), cases)
	for name, edit := range map[string]func(*Input){
		"cut": func(in *Input) { in.Cut[1][2].Size++ }, "generation": func(in *Input) { in.Cut[0][0].Generation++ },
		"instant": func(in *Input) { in.Instant++ }, "realm": func(in *Input) { in.Realm++ }, "rules": func(in *Input) { in.Rules++ },
		"lower": func(in *Input) { in.Parties[0].ID[5]++ }, "higher": func(in *Input) { in.Parties[1].ID[5]++ },
		"arrangement": func(in *Input) { in.Arrangement[31]++ },
	} {
		in := input(t)
		edit(&in)
		check(name, in, cases)
	}
	check("one thread less", input(t), cases[:5])
	check("none", input(t), nil)
	moved := slices.Clone(cases)
	moved[5].Position++
	check("another place", input(t), moved)
	changed := slices.Clone(cases)
	changed[5].Thread = residue()
	check("another thread", input(t), changed)
}

// Spec: REV-20, REV-21, REV-22.
func TestCases(t *testing.T) {
	r := made(t, sample(t))
	short, all := r.Cases(false), r.Cases(true)
	if len(short.Lines) != 2 || len(all.Lines) != 3 {
		t.Fatalf("%d and %d lines", len(short.Lines), len(all.Lines))
	}
	for i, want := range []struct{ section, name string }{{PriorityBoth, "aa-3"}, {PriorityOne, "bb-11"}, {OthersOpen, "aa-30"}} {
		if l := all.Lines[i]; l.Section != want.section || l.Name != want.name {
			t.Errorf("line %d is %s %s", i, l.Section, l.Name)
		}
	}
	first, second := all.Lines[0], all.Lines[1]
	if first.Measured != "routine" || first.Claimed != "urgent" || first.Unit != "fraud" || first.Interim.Form != "log" ||
		len(first.Owed) != 0 || len(first.Links) != 1 || first.Links[0].Name != "bb-9" ||
		!slices.Equal(first.Items, []Given{{"", 1}, {"log", 1}}) {
		t.Errorf("%+v", first)
	}
	if len(second.Owed) != 2 || second.Owed[1].Side != Lower || second.Owed[1].State != "overdue" || second.Hold.Turn != Higher {
		t.Errorf("%+v", second)
	}
	raw, err := all.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadCases(raw)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := again.JSON(); err != nil || !bytes.Equal(b, raw) {
		t.Errorf("read again: %v", err)
	}
	if bytes.Contains(raw, []byte("=cmd")) || bytes.Contains(raw, []byte("whenever")) {
		t.Errorf("what anybody wrote: %s", raw)
	}
}

// Spec: REV-24. What a spreadsheet would compute is text.
func TestCSVIsNoFormula(t *testing.T) {
	in := input(t)
	in.Parties[0].Code, in.Parties[1].Code = "=1+1", "@x"
	r := New(in)
	for _, c := range sample(t) {
		if err := r.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range map[string][]byte{"review": r.Report().CSV(), "cases": r.Cases(true).CSV()} {
		rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil || len(rows) < 4 {
			t.Fatalf("%s: %d rows, %v", name, len(rows), err)
		}
		for _, row := range rows {
			for _, f := range row {
				if f != "" && strings.ContainsAny(f[:1], "=+-@\t\r") {
					t.Errorf("%s: %q", name, f)
				}
			}
		}
	}
}

// Spec: REV-23. The CSV has the figures of the JSON, and no others.
func TestCSVSaysTheSame(t *testing.T) {
	r := made(t, sample(t)).Report()
	rows, err := csv.NewReader(bytes.NewReader(r.CSV())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	figures := 0
	for _, d := range r.Directions {
		for _, g := range d.Groups {
			figures += len(g.Figures)
		}
	}
	if counted := len(rows) - 1 - len(r.Head.rows()); counted != figures {
		t.Errorf("%d rows for %d figures", counted, figures)
	}
}

// Spec: REV-25. A report reads as it was written, and nothing else reads.
func TestRead(t *testing.T) {
	raw, err := made(t, sample(t)).Report().JSON()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.JSON(); err != nil || !bytes.Equal(b, raw) {
		t.Errorf("read again: %v", err)
	}
	for _, bad := range []string{"", "{}", strings.Replace(string(raw), Format, "parley review 0", 1), string(raw[:len(raw)-1])} {
		if _, err := Read([]byte(bad)); !fault.Is(err, rule.ReviewFile) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

// drawn makes a thread of anything that figures look at.
func drawn(t *rapid.T) *casework.Thread {
	phases := []casework.Phase{casework.None, casework.Drafted, casework.Void, casework.Incomplete, casework.Sent, casework.Accepted,
		casework.Answered, casework.Closed}
	th := &casework.Thread{Phase: rapid.SampledFrom(phases).Draw(t, "phase"), Requester: Lower, FromResidue: rapid.Bool().Draw(t, "residue"),
		Rating: rapid.IntRange(0, 5).Draw(t, "rating"), Lacking: rapid.IntRange(0, 2).Draw(t, "lacking")}
	if th.Phase != casework.None && th.Phase != casework.Void {
		th.Request = &casework.Request{Type: rapid.SampledFrom([]string{"incident", "notice", "gone"}).Draw(t, "type"),
			Urgency: rapid.SampledFrom([]string{"urgent", "routine", ""}).Draw(t, "urgency"), ToUnit: rapid.SampledFrom([]string{"cyber", "fraud", "x"}).Draw(t, "unit")}
	}
	for range rapid.IntRange(0, 4).Draw(t, "obligations") {
		o := casework.Obligation{Step: rapid.SampledFrom([]string{"acknowledge", "answer", "reply", "consent", "promise", "hold"}).Draw(t, "step"), State: rapid.SampledFrom(states()).Draw(t, "state"),
			Debtor: rapid.SampledFrom([]string{Lower, Higher}).Draw(t, "debtor")}
		if rapid.Bool().Draw(t, "timed") {
			o.Interval = &casework.Interval{Claimed: rapid.Int64Range(-1000, most).Draw(t, "claimed"), Receipt: rapid.Int64Range(-1000, 1e9).Draw(t, "receipt"),
				Agreed: rapid.Bool().Draw(t, "agreed")}
		}
		th.Obligations = append(th.Obligations, o)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "acts") {
		th.Acts = append(th.Acts, casework.Said{Where: casework.Where{Side: rapid.SampledFrom([]string{Lower, Higher}).Draw(t, "side"), Position: uint64(i)},
			Kind: rapid.SampledFrom(outcomeKinds()).Draw(t, "kind"), InOrder: rapid.Bool().Draw(t, "in order"),
			Receipt: calendar.Instant(rapid.IntRange(0, 1).Draw(t, "receipt"))})
	}
	for range rapid.IntRange(0, 2).Draw(t, "proposals") {
		th.Course.Proposals = append(th.Course.Proposals, casework.Proposal{Kind: act.RequestExtend,
			State: rapid.SampledFrom([]casework.Settled{casework.Pending, casework.Agreed, casework.Refused}).Draw(t, "settled")})
	}
	return th
}

// Spec: REV-4. Spec: REV-12. Every thread, and every obligation, is in exactly
// one class; each way of grouping sums to the whole; and what is written is the
// same whatever the order of a map.
func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := New(Input{Parties: [2]Party{{lower(), "aa"}, {higher(), "bb"}}, Versions: []*arrangement.Document{document()}, Cases: true})
		threads := map[bool]int64{}
		owed := map[bool]int64{}
		n := rapid.IntRange(0, 12).Draw(t, "threads")
		split := rapid.IntRange(0, n).Draw(t, "split")
		for i := range n {
			c := Case{Higher: i >= split, Position: uint64(i), Thread: drawn(t)}
			if err := r.Add(c); err != nil {
				t.Fatal(err)
			}
			threads[c.Higher]++
			owed[c.Higher] += int64(len(c.Thread.Obligations))
		}
		report := r.Report()
		for i, d := range report.Directions {
			sums := map[string]map[Key]int64{}
			for _, g := range d.Groups {
				sumsUp(t, &g)
				if sums[g.By] == nil {
					sums[g.By] = map[Key]int64{}
				}
				for _, f := range g.Figures {
					if additive(f.Key) {
						sums[g.By][f.Key] = min(most, sums[g.By][f.Key]+f.Value)
					}
				}
			}
			for by, sum := range sums {
				if !maps.Equal(sum, sums[ByAll]) {
					t.Fatalf("by %s: %v, all: %v", by, sum, sums[ByAll])
				}
			}
			all := sums[ByAll]
			var steps int64
			for _, step := range Steps() {
				steps += all[Key{Timeliness, step, "owed"}]
			}
			if all[Key{Requests, "", "threads"}] != threads[i == 1] || steps != owed[i == 1] {
				t.Fatalf("%d threads and %d steps, want %d and %d", all[Key{Requests, "", "threads"}], steps, threads[i == 1], owed[i == 1])
			}
		}
		first, err := report.JSON()
		if err != nil {
			t.Fatal(err)
		}
		second, err := r.Report().JSON()
		if err != nil || !bytes.Equal(first, second) || !bytes.Equal(report.CSV(), r.Report().CSV()) {
			t.Fatalf("twice the same is not the same: %v", err)
		}
		if b, err := Read(first); err != nil || !bytes.Equal(b.CSV(), report.CSV()) {
			t.Fatalf("read again: %v", err)
		}
	})
}

// additive tells which figures of groups add up.
func additive(k Key) bool {
	return !strings.HasSuffix(k.Measure, "-tenths") && !strings.HasSuffix(k.Measure, "-ms") && k.Measure != "rated-median"
}

// sumsUp holds a group against itself.
func sumsUp(t *rapid.T, g *Group) {
	n := func(section, step, measure string) int64 { return g.Value(section, step, measure) }
	var phases int64
	for _, f := range g.Figures {
		if f.Section == Phase {
			phases += f.Value
		}
	}
	threads := n(Requests, "", "threads")
	if stand := n(Requests, "", Open) + n(Requests, "", Ended) + n(Requests, "", Drafts) + n(Requests, "", Voids); stand != threads || phases != threads {
		t.Fatalf("%d threads, %d stand somewhere, %d have a phase", threads, stand, phases)
	}
	for _, step := range Steps() {
		var classes int64
		for _, s := range states() {
			classes += n(Timeliness, step, string(s))
		}
		if classes != n(Timeliness, step, "owed") {
			t.Fatalf("%s: %d in a class, %d owed", step, classes, n(Timeliness, step, "owed"))
		}
		done := n(Timeliness, step, string(casework.Met)) + n(Timeliness, step, string(casework.Late))
		if done != n(Timeliness, step, "done") || g.Has(Timeliness, step, "met-tenths") != (done > 0) || n(Timeliness, step, "met-tenths") > 1000 {
			t.Fatalf("%s: %d done", step, done)
		}
		if half, p90, worst := n(Timeliness, step, "median-ms"), n(Timeliness, step, "p90-ms"), n(Timeliness, step, "worst-ms"); half > p90 || p90 > worst || half < 0 {
			t.Fatalf("%s: %d, %d, %d", step, half, p90, worst)
		}
	}
	if n(Completeness, "", "complete")+n(Completeness, "", "incomplete") != n(Urgency, "", "claims") {
		t.Fatalf("%d complete and %d incomplete of %d", n(Completeness, "", "complete"), n(Completeness, "", "incomplete"), n(Urgency, "", "claims"))
	}
}

// Every figure has a place in the order, so that none moves when codes are
// added, and is among the measures that texts are written for.
// Spec: REV-41.
func TestEveryFigureRanks(t *testing.T) {
	for _, d := range made(t, sample(t)).Report().Directions {
		for _, g := range d.Groups {
			for _, f := range g.Figures {
				if measures := Measures(f.Section); measures != nil && !slices.Contains(measures, f.Measure) {
					t.Errorf("%v is no measure of its section", f.Key)
				}
				if rankOf("step", f.Step) == last {
					t.Errorf("%v has no rank", f.Key)
				}
			}
		}
	}
}

const vectors = "../../spec/vectors/review"

// golden holds a file of a vector against what is made now.
func golden(t *testing.T, name string, want []byte) {
	t.Helper()
	path := filepath.Join(vectors, name)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not what comes out", path)
	}
}

func benchmark(b *testing.B, n int) {
	in := input(b)
	list := sample(b)
	b.ReportAllocs()
	for b.Loop() {
		r := New(in)
		for i := range n {
			c := list[i%5]
			c.Position = uint64(i)
			if err := r.Add(c); err != nil {
				b.Fatal(err)
			}
		}
		raw, err := r.Report().JSON()
		if err != nil || len(raw) == 0 {
			b.Fatal(err)
		}
	}
}

func BenchmarkReview1000(b *testing.B)  { benchmark(b, 1000) }
func BenchmarkReview10000(b *testing.B) { benchmark(b, 10000) }
