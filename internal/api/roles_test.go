package api

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/access"
	"parley.example/internal/locale"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

var update = flag.Bool("update", false, "write docs/desk-roles.md and its Chinese twin anew")

// about a draft or a prepared act: which realm it is in is known only where
// there is one.
func aboutKept(pattern string) bool {
	return strings.Contains(pattern, "/drafts/") || strings.Contains(pattern, "/v1/desk/results") || strings.Contains(pattern, "/v1/desk/release") ||
		strings.Contains(pattern, "/v1/desk/drop") || strings.Contains(pattern, "/v1/prepared/") || strings.Contains(pattern, "/v1/submit")
}

// Spec: ACC-1, ACC-4, ACC-5, ACC-15. Every route with every role, in both
// realms; without a session; with a token that is none; and as a command of the
// machine. What comes is what docs/desk-roles.md says, cell by cell.
func TestEveryRouteWithEveryRole(t *testing.T) {
	h := newHouse(t)
	tokens := map[access.Role]string{}
	for _, r := range access.Roles() {
		tokens[r] = scheme + h.invite("The "+string(r), string(r)).token
	}
	listed := listedRoutes(t, "../../docs/desk-roles.md")
	tried := 0
	for _, route := range h.server.routes() {
		cells, ok := listed[route.pattern]
		if !ok {
			t.Errorf("%s is not in docs/desk-roles.md", route.pattern)
			continue
		}
		for i, r := range access.Roles() {
			for _, realm := range []string{"real", "exercise"} {
				if route.pattern == "POST /v1/sign-out" || strings.Contains(route.pattern, "/v1/prepared/") || cells[i] == "◇" && aboutKept(route.pattern) {
					continue
				}
				want := cells[i] == "●" || realm == "exercise" && cells[i] == "◇"
				got := h.tried(route.pattern, tokens[r], realm)
				if may := got != rule.AccessDenied && got != rule.AccessSession; may != want {
					t.Errorf("%s as %s in the realm %s: %q, the page says %q", route.pattern, r, realm, got, cells[i])
				}
				tried++
			}
		}
		for _, nobody := range []string{scheme, scheme + "none", "Basic x", "parley " + strings.TrimPrefix(tokens[access.Officer], scheme)} {
			got := h.tried(route.pattern, nobody, "real")
			if closed := got == rule.AccessSession; closed != (route.action != access.Enter) && got != rule.AccessSession {
				t.Errorf("%s as nobody (%s): %q", route.pattern, nobody[:6], got)
			}
		}
		administrator := slices.Index(access.Roles(), access.Administrator)
		named := route.action == access.Self || route.action == access.Replace
		if strings.Contains(route.pattern, "/v1/prepared/") {
			continue // of which kind the act is decides, and there is none
		}
		got := h.tried(route.pattern, "", "real")
		if may := got != rule.AccessDenied && got != rule.AccessSession; may != (cells[administrator] == "●" && !named) && route.pattern != "POST /v1/accounts/roles" && route.action != access.Enter {
			t.Errorf("%s as a command of the machine: %q", route.pattern, got)
		}
	}
	if tried < 1000 {
		t.Errorf("only %d calls", tried)
	}
}

// listedRoutes reads the second table of the page: the cells of each route.
func listedRoutes(t *testing.T, file string) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		pattern := strings.Trim(strings.TrimSpace(cells[0]), "`")
		if !strings.HasPrefix(pattern, "GET /v1/") && !strings.HasPrefix(pattern, "POST /v1/") {
			continue
		}
		for _, c := range cells[2:] {
			out[pattern] = append(out[pattern], strings.TrimSpace(c))
		}
	}
	return out
}

// rolesPage is the page of who may do what, in a language.
func rolesPage(l *locale.Locale, routes []route) []byte {
	var out bytes.Buffer
	said := map[string][]string{
		"en": {"# Who may do what", "This page is written by a test from the tables themselves: `go test ./internal/api -run TestRolesPage -update`. What it means is in [access](../spec/access.md).",
			"● may; ◇ may in the exercise realm alone; empty: may not. Every action but signing in needs a session; a command of the machine without one may what the administrator may, except what needs a named person.",
			"## Actions", "Action", "## Calls", "Call", "What a prepared act is to say decides: cards and ceremonies are running the node, other control acts are signing, the rest is saying."},
		"zh": {"# 谁可以做什么", "本页由测试根据程序中的表格生成：`go test ./internal/api -run TestRolesPage -update`。含义见 [access](../../spec/access.md)。",
			"● 可以；◇ 仅在演练领域可以；空白：不可以。除登录外，各项操作均须已登录；本机命令未登录时，权限与管理员相同，但须由具名人员办理的除外。",
			"## 操作", "操作", "## 接口", "接口", "文书按其种类判定：名片和核对记录属于运行节点，其他控制类文书属于签署，其余属于发出文书。"},
	}[l.Lang]
	fmt.Fprintf(&out, "%s\n\n%s\n\n%s\n\n%s\n\n", said[0], said[1], said[2], said[3])
	head := func(first ...string) {
		for _, r := range access.Roles() {
			first = append(first, l.T("access.role."+string(r)))
		}
		fmt.Fprintf(&out, "| %s |\n|%s\n", strings.Join(first, " | "), strings.Repeat("---|", len(first)))
	}
	cells := func(a access.Action) (row []string) {
		for _, r := range access.Roles() {
			real, exercise := access.Where(r, a)
			row = append(row, map[bool]string{true: "●"}[real]+map[bool]string{true: "◇"}[exercise && !real])
		}
		return row
	}
	head(said[4])
	for _, a := range access.Actions() {
		fmt.Fprintf(&out, "| %s |\n", strings.Join(append([]string{l.T("access.action." + string(a))}, cells(a)...), " | "))
	}
	fmt.Fprintf(&out, "\n%s\n\n%s\n\n", said[5], said[7])
	head(said[6], said[4])
	for _, r := range routes {
		fmt.Fprintf(&out, "| %s |\n", strings.Join(append([]string{"`" + r.pattern + "`", l.T("access.action." + string(r.action))}, cells(r.action)...), " | "))
	}
	return out.Bytes()
}

// The pages are the tables of the program, in both languages.
func TestRolesPage(t *testing.T) {
	for lang, file := range map[string]string{"en": "../../docs/desk-roles.md", "zh": "../../docs/zh/desk-roles.md"} {
		want := rolesPage(locale.New(lang), (&Server{}).routes())
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s is not what the tables say (%v); write it anew with -update and read the difference", file, err)
		}
	}
}

// Every body that names a counterpart, a request, a draft or a prepared act
// says so, or nothing of it would be asked.
func TestBodiesSayWhatTheyAreAbout(t *testing.T) {
	named := 0
	for pattern, shape := range shapes() {
		if shape[0] == nil {
			continue
		}
		v := reflect.New(reflect.TypeOf(shape[0]).Elem())
		var want scope
		set := func(field string, to *string, value string) {
			if f := v.Elem().FieldByName(field); f.IsValid() && f.Kind() == reflect.String {
				f.SetString(value)
				*to = value
			}
		}
		set("Link", &want.Link, "l")
		set("Realm", &want.Realm, "exercise")
		set("Request", &want.Request, "r")
		if _, names := v.Interface().(*Submit); names {
			set("Token", &want.Token, "t")
		}
		if _, names := v.Interface().(*Prepare); names {
			set("Kind", &want.Kind, "k")
		}
		if _, names := v.Interface().(*EvidenceAsk); !names && want == (scope{}) {
			continue
		}
		named++
		if got := about(v.Interface()); got != want {
			t.Errorf("%s is about %+v, and says %+v", pattern, want, got)
		}
	}
	if about(&DraftAsk{Number: 3}).Draft != 3 || about(&DeskAnswer{Draft: 3}).Draft != 3 || named < 15 {
		t.Errorf("%d bodies, or a draft is not named", named)
	}
}

// A handler that no guard stands before lets nobody through.
func TestUnguarded(t *testing.T) {
	if err := admit(t.Context(), scope{}); !fault.Is(err, fault.Internal) {
		t.Errorf("%v", err)
	}
}
