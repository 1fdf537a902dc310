package locale

import (
	"slices"
	"testing"

	"golang.org/x/text/width"
	"pgregory.net/rapid"
)

func TestColumns(t *testing.T) {
	have := Columns([][]string{{"Step", "Owed", "Share"}, {"acknowledge", "12", "▇▇▇"}, {"确认受理", "3"}, {}}, 1)
	want := []string{"Step         Owed  Share", "acknowledge    12  ▇▇▇", "确认受理        3", ""}
	if !slices.Equal(have, want) {
		t.Errorf("%q\nwant %q", have, want)
	}
}

// Every column begins in the same cell of every line.
func TestColumnsAlign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.StringOfN(rapid.SampledFrom([]rune("ab一二，▇")), 0, 8, -1)
		rows := rapid.SliceOfN(rapid.SliceOfN(field, 2, 2), 1, 6).Draw(t, "rows")
		widest := 0
		for _, row := range rows {
			widest = max(widest, Width(row[0]))
		}
		for i, line := range Columns(rows) {
			if row := rows[i]; row[1] != "" && Width(line) != widest+2+Width(row[1]) {
				t.Errorf("%q of %q: not in its column", line, row)
			}
		}
	})
}

func TestWidth(t *testing.T) {
	for r, want := range map[rune]int{'a': 1, '一': 2, '，': 2, '▇': 1, '·': 1, 'é': 1} {
		if have := Width(string(r)); have != want {
			t.Errorf("%c (%v): %d", r, width.LookupRune(r).Kind(), have)
		}
	}
}
