package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parley.example/internal/addressbook"
	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sends has a visit bring a file.
func sends(t *testing.T, v *visit, name string, raw []byte) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	form.Close()
	v.r = httptest.NewRequest("POST", "https://desk.example/real/cn/contacts-import", &body)
	v.r.Header.Set("Content-Type", form.FormDataContentType())
	v.w = httptest.NewRecorder()
}

// What is read of a file that was written here is what stands; an entry that was
// changed in it says in which rows, one without a name is new, one of the other
// party's is theirs; and what would be typed says the same entry again.
func TestContactsFromAFile(t *testing.T) {
	for _, l := range locale.All() {
		v := looking(t, l)
		v.rang, v.me = true, &api.Me{May: []string{"say"}}
		role, unit := v.rules.Parties[0].Roles[0].Code, v.rules.Parties[0].Units[0].Code
		body := act.ContactBody{Role: role, Unit: unit, Names: act.Words{En: "<b>Night desk", Zh: "夜间值班"}, Ways: []act.Way{{Kind: "phone", Value: "+1 555 0100"}},
			Hours: act.Words{En: "always", Zh: "全天"}, Zone: "America/New_York", Languages: []string{"en"}, Deputies: []string{}, Confirmers: []act.Confirmer{},
			Until: 1_480_000_000_000}
		theirs, changed, fresh := body, body, body
		changed.Ways = []act.Way{{Kind: "phone", Value: "+1 555 0199"}}
		list := []api.ContactPoint{{Name: "us-contact-1", Link: "cn", Own: "us", Ours: true, Entry: &body, Stands: true, Moves: []string{act.ContactChange}},
			{Name: "cn-contact-1", Link: "cn", Own: "us", Entry: &theirs, Stands: true}}
		for _, name := range []string{"a.CSV", "a.vcf"} {
			var file bytes.Buffer
			write := addressbook.WriteVCard
			if strings.HasSuffix(name, "CSV") {
				write = addressbook.WriteCSV
			}
			if err := write(&file, []addressbook.Entry{{Name: "us-contact-1", Party: "us", ContactBody: body}, {Name: "us-contact-1", Party: "us", ContactBody: changed},
				{Name: "cn-contact-1", Party: "cn", ContactBody: theirs}, {ContactBody: fresh}}[1:]); err != nil {
				t.Fatal(err)
			}
			sends(t, v, name, file.Bytes())
			entries, err := v.uploaded()
			if err != nil || len(entries) != 3 {
				t.Fatalf("%s: %d entries, %v", name, len(entries), err)
			}
			page := &contactImportPage{Read: true}
			var states []string
			for i := range entries {
				one := v.imported(&entries[i], list)
				page.Entries, states = append(page.Entries, one), append(states, one.State)
				typed := url.Values{}
				for _, h := range one.Hidden {
					typed.Set(h[0], h[1])
				}
				if one.State == "theirs" {
					continue
				}
				if again, err := v.readContact(typed, nil); err != nil || typedContact(again).Encode() != typedContact(&entries[i].ContactBody).Encode() {
					t.Errorf("%s: typed again it is %+v, %v", name, again, err)
				}
			}
			if got := fmt.Sprint(states); got != "[change theirs new]" {
				t.Errorf("%s: %s", name, got)
			}
			if rows := page.Entries[0].Rows; len(rows) != 1 || !strings.Contains(fmt.Sprint(rows[0].Before), "0100") || !strings.Contains(fmt.Sprint(rows[0].After), "0199") {
				t.Errorf("%s: %+v", name, rows)
			}
			same := addressbook.Entry{Name: "us-contact-1", Party: "us", ContactBody: body}
			same.Until = 0
			if one := v.imported(&same, list); one.State != "same" || one.Hidden != nil {
				t.Errorf("%+v", one)
			}
			v.r = httptest.NewRequest("GET", "https://desk.example/real/cn/contacts-import", nil)
			html := drawn(t, v, "contacts_import", page)
			if strings.Contains(html, "<b>Night") || strings.Count(html, `name="way_value1"`) != 2 || strings.Count(html, "/say/change") != 1 {
				t.Errorf("%s:\n%s", name, html)
			}
		}
	}
}

// What is no such file, or too much of one, is refused and shows nothing.
func TestFilesThatAreNoContacts(t *testing.T) {
	v := looking(t, locale.New("en"))
	for name, raw := range map[string][]byte{"x.csv": []byte("a;b\n1;2\n"), "x.vcf": []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), "none.vcf": nil,
		"large.csv": bytes.Repeat([]byte("name_en,value\n"), 100_000), "huge.vcf": bytes.Repeat([]byte("x"), 3<<20)} {
		sends(t, v, name, raw)
		if list, err := v.uploaded(); !fault.Is(err, rule.DirectoryFile) && !fault.Is(err, rule.NodeFile) || list != nil {
			t.Errorf("%s: %d entries, %v", name, len(list), err)
		}
	}
	v.r = httptest.NewRequest("POST", "https://desk.example/", strings.NewReader("a=b"))
	if _, err := v.uploaded(); !fault.Is(err, rule.WebForm) {
		t.Error(err)
	}
}
