package web

import (
	"html/template"
	"strconv"
	"strings"
)

// markdown shows what wire/arrangement renders: headings, lists, tables and
// paragraphs of our own writing, with the parties' words in them as text. It
// knows no markup that text could bring along.
func markdown(text string) template.HTML {
	var m markup
	for _, line := range strings.Split(text, "\n") {
		m.line(strings.TrimRight(line, " \r"))
	}
	m.end("")
	m.fold("")
	return template.HTML(m.out.String())
}

// markup is what was written so far, and which element is open.
type markup struct {
	out    strings.Builder
	open   string
	folded int
	inside bool
}

// fold ends a section, and begins the next under its heading: a document of a
// hundred pages is read by its sections.
func (m *markup) fold(heading string) {
	if m.inside {
		m.out.WriteString("</details>\n")
	}
	if m.inside = heading != ""; m.inside {
		m.folded++
		m.out.WriteString(`<details id="section-` + strconv.Itoa(m.folded) + `"><summary>` + heading + "</summary>\n")
	}
}

// end closes what is open, unless it is what goes on.
func (m *markup) end(goesOn string) {
	if m.open != "" && m.open != goesOn {
		m.out.WriteString(map[string]string{"ul": "</ul>", "p": "</p>", "table": "</tbody></table></div>"}[m.open] + "\n")
	}
	if m.open != goesOn && goesOn != "" {
		m.out.WriteString(map[string]string{"ul": `<ul class="bullets">`, "p": "<p>", "table": `<div class="wide"><table class="list"><tbody>`}[goesOn])
	}
	m.open = goesOn
}

func (m *markup) line(line string) {
	level := len(line) - len(strings.TrimLeft(line, "#"))
	switch {
	case line == "":
		m.end("")
	case level > 0 && level < 5 && strings.HasPrefix(line[level:], " "):
		m.end("")
		h := "h" + string(rune('1'+level))
		heading := "<" + h + ">" + string(visible(strings.TrimSpace(line[level:]))) + "</" + h + ">"
		if level == 2 {
			m.fold(heading)
			return
		}
		m.out.WriteString(heading + "\n")
	case strings.HasPrefix(strings.TrimLeft(line, " "), "- "):
		m.end("ul")
		m.out.WriteString("<li>" + string(visible(strings.TrimLeft(line, " ")[2:])) + "</li>")
	case strings.HasPrefix(line, "|"):
		m.end("table")
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if strings.Trim(strings.Join(cells, ""), "-: ") == "" {
			return
		}
		m.out.WriteString("<tr>")
		for _, c := range cells {
			m.out.WriteString("<td>" + string(visible(strings.TrimSpace(c))) + "</td>")
		}
		m.out.WriteString("</tr>")
	default:
		if m.open == "p" {
			m.out.WriteString("<br>")
		}
		m.end("p")
		m.out.WriteString(string(visible(line)))
	}
}
