package node_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/wire/act"
	"parley.example/wire/rule"
)

// Spec: FRM-10. A form is kept as it was typed; of two officers who change one version the
// second is told, and what the first kept stands.
func TestForms(t *testing.T) {
	p := newPair(t)
	us, ctx := p.sides[0], context.Background()
	typed := map[string][]string{"type": {"mitigation"}, "title": {"  A \u202e title \r\n"}, "f.facts": {"one", "two"}}
	keep := func(f node.Form) node.Form {
		t.Helper()
		f.Kind = act.RequestOpen
		kept, err := us.node.KeepForm(ctx, us.link, f)
		p.must(err)
		return kept
	}
	one := keep(node.Form{Values: typed, By: "Marsh", Attachments: [][]byte{{1, 2}}})
	got, err := us.node.FormNumbered(ctx, us.link, one.Number)
	p.must(err)
	if one.Number != 1 || one.Version != 1 || !reflect.DeepEqual(*got, one) || !reflect.DeepEqual(got.Values, typed) {
		t.Fatalf("%+v\n%+v", one, got)
	}
	changed := one
	changed.Values = map[string][]string{"title": {"B"}}
	second := keep(changed)
	changed.By, changed.Values = "Okafor", map[string][]string{"title": {"C"}}
	_, err = us.node.KeepForm(ctx, us.link, changed)
	if args := p.refused(rule.DeskFormChanged, err); args["by"] != "Marsh" || args["number"] != "1" {
		t.Errorf("%v", args)
	}
	if got, err = us.node.FormNumbered(ctx, us.link, 1); err != nil || got.Version != 2 || second.Version != 2 || got.Values["title"][0] != "B" {
		t.Errorf("%+v, %v", got, err)
	}
	p.must(us.node.DropForm(ctx, us.link, 1))
	p.refused(rule.DeskNoForm, us.node.DropForm(ctx, us.link, 1))
	_, err = us.node.KeepForm(ctx, us.link, second)
	p.refused(rule.DeskNoForm, err)
	if again := keep(node.Form{}); again.Number != 2 {
		t.Errorf("a number is given twice: %d", again.Number)
	}
	list, err := us.node.Forms(ctx, us.link)
	p.must(err)
	if len(list) != 1 || list[0].Number != 2 {
		t.Errorf("%+v", list)
	}
}

// Forms are bounded in size and number, and of kinds that people say.
func TestFormsBounded(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	us, ctx := p.sides[0], context.Background()
	try := func(f node.Form) error {
		_, err := us.node.KeepForm(ctx, us.link, f)
		return err
	}
	p.refused(rule.WebForm, try(node.Form{Kind: act.RequestOpen, Values: map[string][]string{"f.facts": {strings.Repeat("x", 600<<10)}}}))
	for _, kind := range []string{"", "request.return", act.Card, "request.nothing"} {
		p.refused(rule.ActKind, try(node.Form{Kind: kind}))
	}
	for range 256 {
		p.must(try(node.Form{Kind: act.RequestDraft}))
	}
	p.refused(rule.DeskFull, try(node.Form{Kind: act.RequestDraft}))
}
