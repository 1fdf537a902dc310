package addressbook

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"

	"parley.example/wire/act"
)

// columns of a file. A row is a way of being reached; what an entry has once
// stands in each of its rows.
func columns() []string {
	return []string{"entry", "party", "role", "unit", "name_en", "name_zh", "way", "value", "key", "note_lang", "note", "hours_en", "hours_zh",
		"zone", "languages", "deputies", "confirmers", "mandate_lang", "mandate", "mandate_from", "mandate_until", "until", "temporary"}
}

const mark = "\uFEFF" // so that spreadsheets take the file for UTF-8

// WriteCSV writes entries as a table.
func WriteCSV(w io.Writer, list []Entry) error {
	if _, err := io.WriteString(w, mark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(columns()); err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		ways := e.Ways
		if len(ways) == 0 {
			ways = []act.Way{{}}
		}
		for _, way := range ways {
			if err := out.Write(row(e, way)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func row(e *Entry, w act.Way) []string {
	var confirmers []string
	for _, c := range e.Confirmers {
		confirmers = append(confirmers, writeConfirmer(c))
	}
	m := e.Mandate
	if m == nil {
		m = new(act.Mandate)
	}
	temporary := "no"
	if e.Temporary {
		temporary = "yes"
	}
	cells := []string{e.Name, e.Party, e.Role, e.Unit, e.Names.En, e.Names.Zh, w.Kind, w.Value, w.Key, w.Note.Lang, w.Note.Text, e.Hours.En, e.Hours.Zh,
		e.Zone, strings.Join(e.Languages, " "), strings.Join(e.Deputies, " "), strings.Join(confirmers, "\n"), m.What.Lang, m.What.Text,
		writeInstant(m.From), writeInstant(m.Until), writeInstant(e.Until), temporary}
	for i, c := range cells {
		cells[i] = inert(c)
	}
	return cells
}

// inert keeps a spreadsheet from computing what somebody else wrote: a cell
// that would be a formula is written as a text.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// ReadCSV reads a table as drafts of entries. Columns are found by their names,
// in any order; those that it does not have stay empty.
func ReadCSV(r io.Reader) (list []Entry, err error) {
	raw, err := bounded(r)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte(mark))))
	in.FieldsPerRecord = -1
	rows, err := in.ReadAll()
	if err != nil || len(rows) < 2 {
		return nil, unfit("csv")
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if !slices.ContainsFunc([]string{"value", "name_en", "name_zh", "role"}, func(c string) bool { _, has := at[c]; return has }) {
		return nil, unfit("csv")
	}
	last := ""
	for _, cells := range rows[1:] {
		cell := func(name string) string {
			i, has := at[name]
			if !has || i >= len(cells) {
				return ""
			}
			return clean(strings.TrimPrefix(cells[i], "'"))
		}
		if name := line(cell("entry")); name == "" || name != last || len(list) == 0 {
			list, last = append(list, entryFrom(cell)), name
		}
		e := &list[len(list)-1]
		if cell("value") != "" || cell("way") != "" {
			e.Ways = append(e.Ways, act.Way{Kind: kindOf(line(cell("way"))), Value: line(cell("value")), Key: line(cell("key")),
				Note: act.Text{Lang: line(cell("note_lang")), Text: cell("note")}})
		}
		if len(list) > MaxEntries || !e.whole() {
			return nil, unfit("size")
		}
	}
	return list, nil
}

func entryFrom(cell func(string) string) Entry {
	e := empty()
	e.Name, e.Party, e.Role, e.Unit, e.Zone = line(cell("entry")), line(cell("party")), line(cell("role")), line(cell("unit")), line(cell("zone"))
	e.Names, e.Hours = act.Words{En: line(cell("name_en")), Zh: line(cell("name_zh"))}, act.Words{En: line(cell("hours_en")), Zh: line(cell("hours_zh"))}
	e.Languages, e.Deputies = append(e.Languages, strings.Fields(cell("languages"))...), append(e.Deputies, strings.Fields(cell("deputies"))...)
	for _, one := range strings.Split(cell("confirmers"), "\n") {
		if one = line(one); one != "" {
			e.Confirmers = append(e.Confirmers, readConfirmer(one))
		}
	}
	if cell("mandate") != "" {
		e.Mandate = &act.Mandate{What: act.Text{Lang: line(cell("mandate_lang")), Text: cell("mandate")}, From: readInstant(cell("mandate_from")), Until: readInstant(cell("mandate_until"))}
	}
	e.Until, e.Temporary = readInstant(cell("until")), cell("temporary") == "yes"
	return e
}
