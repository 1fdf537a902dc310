package locale

import (
	"strings"

	"golang.org/x/text/width"
)

// Width is how many cells of a terminal a text takes: a character of Chinese
// takes two. Characters that may take one or two are counted as one, as
// terminals show them unless they were set otherwise.
func Width(s string) (cells int) {
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			cells += 2
		default:
			cells++
		}
	}
	return cells
}

// Columns sets rows of fields in columns with two spaces between, without
// spaces at the ends of lines. Columns named in right, counted from 0, are set
// to the right.
func Columns(rows [][]string, right ...int) (lines []string) {
	var widths []int
	for _, row := range rows {
		for i, field := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(field))
		}
	}
	toRight := map[int]bool{}
	for _, i := range right {
		toRight[i] = true
	}
	for _, row := range rows {
		var line strings.Builder
		for i, field := range row {
			space := strings.Repeat(" ", widths[i]-Width(field))
			if i > 0 {
				line.WriteString("  ")
			}
			if toRight[i] {
				line.WriteString(space + field)
			} else {
				line.WriteString(field + space)
			}
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}
