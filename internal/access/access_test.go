package access_test

import (
	"slices"
	"strings"
	"testing"

	"parley.example/internal/access"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

func code(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
}

func account(t *testing.T, id string, roles ...access.Role) *access.Account {
	t.Helper()
	a, err := access.NewAccount(id, "Name of "+id, "unit", roles, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Spec: ACC-1, ACC-4.
func TestTable(t *testing.T) {
	if access.May(access.Roles(), "anything", true) {
		t.Error("an action that the table does not have is somebody's")
	}
	for _, a := range access.Actions() {
		if !access.May(access.Roles(), a, true) {
			t.Errorf("%s is nobody's", a)
		}
	}
	for _, r := range []access.Role{access.Controller, access.Evaluator, access.Player} {
		for _, a := range access.Actions() {
			if real, _ := access.Where(r, a); real != slices.Contains([]access.Action{access.Enter, access.Self, access.State}, a) {
				t.Errorf("%s may %s in the real realm: %v", r, a, real)
			}
		}
		if !access.May([]access.Role{r}, access.Read, true) {
			t.Errorf("%s may not read the exercise", r)
		}
	}
	for _, bad := range [][]access.Role{nil, {"king"}, {access.Officer, access.Officer}, {access.Officer, ""}} {
		code(t, access.CheckRoles(bad), rule.AccessRoles)
	}
}

// Spec: ACC-2, ACC-3.
func TestAloneRoles(t *testing.T) {
	signing := access.SigningKey{KeyID: "0011223344556677", Algorithm: 2, Public: []byte{4}, Credential: []byte("c")}
	for _, r := range []access.Role{access.Auditor, access.Administrator} {
		code(t, access.CheckRoles([]access.Role{access.Officer, r}), rule.AccessRoles)
		for _, a := range []access.Action{access.Write, access.Say, access.Approve, access.Sign, access.Translate, access.Assign} {
			if access.May([]access.Role{r}, a, true) {
				t.Errorf("%s may %s", r, a)
			}
		}
		code(t, account(t, "x", r).AddSigning(signing), rule.AccessRoles)
	}
	if access.May([]access.Role{access.Administrator}, access.Read, true) || access.May([]access.Role{access.Administrator}, access.Disclose, true) {
		t.Error("the administrator may read content")
	}
	if !access.May([]access.Role{access.Auditor}, access.Read, false) {
		t.Error("the auditor may not read")
	}
	admin, officer := account(t, "root", access.Administrator), account(t, "li", access.Officer)
	code(t, admin.SetRoles([]access.Role{access.Officer}, "li"), rule.AccessRoles)
	code(t, officer.SetRoles([]access.Role{access.Administrator}, "root"), rule.AccessRoles)
	code(t, officer.SetRoles([]access.Role{access.Duty}, "li"), rule.AccessRoles)
	code(t, officer.SetRoles([]access.Role{access.Duty}, "wang"), "")
	code(t, officer.AddSigning(signing), "")
	code(t, officer.SetRoles([]access.Role{access.Auditor}, "wang"), rule.AccessRoles)
	if !officer.Is(access.Duty) {
		t.Error("refused roles were given")
	}
}

// Spec: ACC-5, ACC-10.
func TestRefusalSaysWhoMay(t *testing.T) {
	a := account(t, "li", access.Analyst)
	err := a.Check(access.Assign, false)
	code(t, err, rule.AccessDenied)
	for _, want := range []string{"assign", "supervisor", "principal"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	code(t, a.Check(access.Read, false), "")
	a.End(5)
	code(t, a.Check(access.Read, false), rule.AccessDenied)
	code(t, a.Check(access.Self, false), rule.AccessDenied)
}

// Spec: ACC-6.
func TestAccountBounds(t *testing.T) {
	for name, want := range map[string]fault.Code{
		"Li Wei": "", "李伟": "", strings.Repeat("x", 120): "", strings.Repeat("x", 121): rule.AccessAccount, "": rule.AccessAccount,
		"  ": rule.AccessAccount, "a\nb": rule.AccessAccount, "a\u202eb": rule.AccessAccount, "a\x00": rule.AccessAccount, "a\xff": rule.AccessAccount,
	} {
		_, err := access.NewAccount("id", name, "", []access.Role{access.Officer}, 0)
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	a := account(t, "li", access.Officer)
	for i := range access.MaxPasskeys {
		code(t, a.AddPasskey(access.Passkey{ID: []byte{byte(i)}}), "")
	}
	code(t, a.AddPasskey(access.Passkey{ID: []byte("one more")}), rule.AccessPasskey)
	b := account(t, "wang", access.Officer)
	code(t, b.AddPasskey(access.Passkey{ID: []byte("same")}), "")
	code(t, b.AddPasskey(access.Passkey{ID: []byte("same")}), rule.AccessPasskey)
	code(t, b.AddSigning(access.SigningKey{KeyID: "0011223344556677", Credential: []byte("same")}), rule.AccessPasskey)
	if len(b.SignIn) != 1 || len(b.Signing) != 0 {
		t.Error("what was refused is there")
	}
	zh, tooMany := "zh", make([]access.View, access.MaxViews+1)
	code(t, b.Set(access.Settings{Language: &zh}), "")
	code(t, b.Set(access.Settings{Views: &tooMany}), rule.AccessAccount)
	fr := "fr"
	code(t, b.Set(access.Settings{Language: &fr}), rule.AccessAccount)
	if b.Language != "zh" {
		t.Error("the language is lost")
	}
}

// Spec: ACC-8.
func TestInvitation(t *testing.T) {
	i, text := access.NewInvitation([20]byte{1, 2, 3}, "li", "root", 100)
	if len(text) != 32 || strings.Contains(string(i.Hash), text) {
		t.Fatalf("%q", text)
	}
	code(t, i.Check(text+"a", 100), rule.AccessInvitation)
	code(t, i.Check(text, 100+access.InvitedFor), rule.AccessInvitation)
	code(t, i.Check(text, 100+access.InvitedFor-1), "")
	code(t, i.Redeem("", 101), rule.AccessInvitation)
	code(t, i.Redeem(text, 101), "")
	code(t, i.Redeem(text, 102), rule.AccessInvitation)
}

// Spec: ACC-9. Who may ask and who may agree, every way round.
func TestTwoPersons(t *testing.T) {
	people := map[string]*access.Account{"li": account(t, "li", access.Officer), "wang": account(t, "wang", access.Supervisor),
		"root": account(t, "root", access.Administrator), "audit": account(t, "audit", access.Auditor)}
	const day = 24 * 60 * 60 * 1000
	for _, c := range []struct {
		ask, agree string
		after      int64
		asked      fault.Code
		agreed     fault.Code
	}{
		{"wang", "li", 1, "", ""},
		{"root", "wang", day, "", ""},
		{"root", "wang", day + 1, "", rule.AccessTwoPersons},
		{"root", "root", 1, "", rule.AccessTwoPersons},
		{"wang", "wang", 1, "", rule.AccessTwoPersons},
		{"wang", "root", 1, "", rule.AccessTwoPersons},
		{"wang", "chen", 1, "", rule.AccessTwoPersons},
		{"chen", "wang", 1, rule.AccessTwoPersons, rule.AccessTwoPersons},
		{"audit", "wang", 1, rule.AccessDenied, rule.AccessTwoPersons},
		{"wang", "audit", 1, "", rule.AccessDenied},
	} {
		lost := account(t, "chen", access.Duty)
		people["chen"] = lost
		code(t, lost.AddPasskey(access.Passkey{ID: []byte("p")}), "")
		code(t, lost.AddSigning(access.SigningKey{KeyID: "0011223344556677", Credential: []byte("s")}), "")
		code(t, lost.AskReplace(people[c.ask], 10), c.asked)
		code(t, lost.ConfirmReplace(people[c.agree], 10+c.after), c.agreed)
		if gone := len(lost.SignIn)+len(lost.Signing) == 0; gone != (c.agreed == "") {
			t.Errorf("%s and %s: keys gone is %v", c.ask, c.agree, gone)
		}
	}
}

// Spec: ACC-10.
func TestEnd(t *testing.T) {
	a := account(t, "li", access.Officer)
	code(t, a.AddPasskey(access.Passkey{ID: []byte("p")}), "")
	a.End(7)
	if len(a.SignIn) != 0 || a.May(access.State, false) {
		t.Error("an account that ended has keys, or may do something")
	}
	code(t, a.AskReplace(account(t, "wang", access.Supervisor), 8), rule.AccessAccount)
}

// Spec: ACC-11.
func TestCompartment(t *testing.T) {
	li, wang, audit := account(t, "li", access.Officer), account(t, "wang", access.Supervisor), account(t, "audit", access.Auditor)
	c, err := access.NewCompartment([]string{"li"}, "wang", 1)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Sees(li) || c.Sees(wang) || !c.Sees(audit) {
		t.Error("others see it than who is named, and the auditor")
	}
	if open := (*access.Compartment)(nil); !open.Sees(wang) {
		t.Error("no compartment limits somebody")
	}
	for _, bad := range [][]string{{""}, {"li", "li"}, make([]string, access.MaxNamed+1)} {
		_, err := access.NewCompartment(bad, "wang", 1)
		code(t, err, rule.AccessAccount)
	}
}

// Spec: ACC-14.
func TestSession(t *testing.T) {
	li, duty := account(t, "li", access.Officer), account(t, "chen", access.Duty)
	s := access.Session{Began: 0, Used: 0}
	if !s.Alive(li, access.Idle-1) || s.Alive(li, access.Idle) || !s.Alive(duty, access.Longest-1) || s.Alive(duty, access.Longest) {
		t.Error("a session lasts longer or shorter than it should")
	}
	s.Used = access.Longest - 1
	if s.Alive(li, access.Longest) || s.Until(li) != access.Longest || s.Until(duty) != access.Longest {
		t.Error("use prolongs a session beyond its longest")
	}
	duty.End(5)
	if s.Alive(duty, 6) {
		t.Error("a session outlives its account")
	}
}

// Spec: ACC-12.
func TestRecorded(t *testing.T) {
	for _, a := range access.Actions() {
		if want := a == access.Read || a == access.Disclose || a == access.ReadRecord || a == access.Words; access.Recorded(a) != want {
			t.Errorf("%s is recorded: %v", a, !want)
		}
	}
	e := access.Entry{Words: strings.Repeat("网", 500)}
	raw, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := access.DecodeEntry(raw)
	if err != nil || back.Words != strings.Repeat("网", access.MaxWords) {
		t.Errorf("%v, %d", err, len(back.Words))
	}
}

// kept are the forms in which things are kept.
func kept() map[string]func([]byte) (interface{ Encode() ([]byte, error) }, error) {
	return map[string]func([]byte) (interface{ Encode() ([]byte, error) }, error){
		"account":     func(b []byte) (interface{ Encode() ([]byte, error) }, error) { return access.DecodeAccount(b) },
		"invitation":  func(b []byte) (interface{ Encode() ([]byte, error) }, error) { return access.DecodeInvitation(b) },
		"compartment": func(b []byte) (interface{ Encode() ([]byte, error) }, error) { return access.DecodeCompartment(b) },
		"entry":       func(b []byte) (interface{ Encode() ([]byte, error) }, error) { return access.DecodeEntry(b) },
	}
}

// Spec: ACC-7. What is taken is written again as the same; another version is
// not taken.
func FuzzKept(f *testing.F) {
	a, _ := access.NewAccount("id", "Li Wei", "unit", []access.Role{access.Officer, access.Duty}, 1)
	a.SignIn, a.Lost = []access.Passkey{{ID: []byte("p")}}, &access.Lost{By: "x", At: 3}
	i, _ := access.NewInvitation([20]byte{1}, "id", "", 2)
	c, _ := access.NewCompartment([]string{"id"}, "x", 3)
	for _, x := range []interface{ Encode() ([]byte, error) }{a, i, c, &access.Entry{Action: "read"}} {
		raw, err := x.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add([]byte(strings.Replace(string(raw), `"version":1`, `"version":2`, 1)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, decode := range kept() {
			x, err := decode(b)
			if err != nil {
				continue
			}
			raw, err := x.Encode()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			again, err := decode(raw)
			if err != nil {
				t.Fatalf("%s: %q is written as %q, which is refused: %v", name, b, raw, err)
			}
			if twice, _ := again.Encode(); string(twice) != string(raw) || strings.Contains(string(raw), `"version":2`) && !strings.Contains(string(raw), `"version":1`) {
				t.Fatalf("%s: %q is written as %q and %q", name, b, raw, twice)
			}
		}
	})
}

// Spec: ACC-29. Which keys an account signed with is kept when it loses them,
// the newest and no more than a bound.
func TestGone(t *testing.T) {
	a := account(t, "chen", access.Duty)
	for i := range 20 {
		key := "00112233445566" + string(rune('a'+i/10)) + string(rune('0'+i%10))
		code(t, a.AddSigning(access.SigningKey{KeyID: key, Credential: []byte(key)}), "")
		code(t, a.AskReplace(account(t, "wang", access.Supervisor), 1), "")
		code(t, a.ConfirmReplace(account(t, "li", access.Officer), 2), "")
		if a.Gone[0] != key {
			t.Fatalf("%v", a.Gone)
		}
	}
	raw, err := a.Encode()
	if err != nil || len(a.Gone) != 16 {
		t.Fatalf("%v, %v", err, a.Gone)
	}
	if back, err := access.DecodeAccount(raw); err != nil || !slices.Equal(back.Gone, a.Gone) {
		t.Errorf("%v, %v", err, back)
	}
	a.Gone = append(a.Gone, "one more")
	if raw, err = a.Encode(); err != nil {
		t.Fatal(err)
	}
	if _, err := access.DecodeAccount(raw); !strings.Contains(string(raw), "one more") || err == nil {
		t.Error("more are taken than are kept")
	}
}
