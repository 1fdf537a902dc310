package casework

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/record"
)

// Spec: none, a node may keep an opening without its words. Whatever was said,
// the fold finds the same with it: the view, what is owed, what may be said.
func TestSlim(t *testing.T) {
	t.Parallel()
	slims := 0
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(anyOpening(t), turns(t))
		lists := [2][]*procedure.Entry{s.Lower(), s.Higher()}
		all := slices.Concat(lists[0], lists[1])
		if slices.ContainsFunc(all, func(e *procedure.Entry) bool { return !Slims(e.Kind.Name) }) {
			return
		}
		whole := Fold(lists[0], lists[1], s.View(s.Known[0]))
		for _, list := range lists {
			for i, e := range list {
				looked := *e
				if Look(&looked); looked.Form != nil && rapid.Bool().Draw(t, "slim") {
					list[i] = Slim(&looked)
					slims++
				} else if looked.Form != nil {
					list[i] = &looked
				}
			}
		}
		slim := Fold(lists[0], lists[1], s.View(s.Known[0]))
		if a, b := seen(t, whole), seen(t, slim); a != b {
			t.Fatalf("whole\n%s\nslim\n%s", a, b)
		}
		for _, higher := range []bool{false, true} {
			for _, kind := range Vocabulary() {
				if !Slims(kind) {
					continue
				}
				body, replies := apt(whole, kind, higher, far)
				d := Draft{Higher: higher, Kind: kind, Body: body, Replies: replies}
				if a, b := whole.Check(d), slim.Check(d); fmt.Sprint(a) != fmt.Sprint(b) {
					t.Fatalf("%s by %s: %v, slim %v", kind, procedure.SideName(higher), a, b)
				}
			}
		}
	})
	if slims == 0 {
		t.Error("no opening was slim")
	}
}

// seen is all that a fold says.
func seen(t *rapid.T, thread *Thread) string {
	view, err := thread.View([32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	said := string(view)
	for _, reply := range slices.Concat(thread.Automatic(false), thread.Automatic(true)) {
		body, err := act.WriteBody(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		said += fmt.Sprintf("\n%s %v %s", reply.Key, reply.Cause, body)
	}
	return said + fmt.Sprint("\n", thread.Quiet())
}

// Spec: none, as above. An opening that is said is judged the same whether its
// form was looked at before or not, and keeps its words apart from its slim.
func TestLook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyOpening(t)
		s, _ := play(c, nil)
		first := slices.Concat(s.Lower(), s.Higher())[0]
		looked := *first
		Look(&looked)
		empty := Fold(nil, nil, s.View(s.Known[0]))
		d := Draft{Higher: c.asker, Kind: c.kind, Body: c.body}
		want := fmt.Sprint(empty.Check(d))
		if d.Form = looked.Form; fmt.Sprint(empty.Check(d)) != want {
			t.Fatalf("%s, and not looked at %s", fmt.Sprint(empty.Check(d)), want)
		}
		if slim := Slim(&looked); slim != nil {
			if slim.Act.Body != nil || len(slim.Body.(*act.OpenBody).Fields) != 0 || slim.Place != (record.Place{Higher: first.Higher, Position: first.Position, Seen: first.Seen}) {
				t.Fatalf("%+v", slim)
			}
			if !bytes.Equal(looked.Act.Body, first.Act.Body) || looked.Body.(*act.OpenBody).Title.Text == "" {
				t.Fatal("the whole entry lost its words")
			}
		}
	})
}
