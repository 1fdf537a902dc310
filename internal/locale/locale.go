// Package locale implements spec/locale.md: the two languages of the desk. It
// turns keys, fault codes, instants and numbers into words, and knows nothing
// of what they are about.
//
// The texts are in en/ and zh/, one JSON file for each subject; adding a file
// or a key in both is all there is to it, and the tests say what was forgotten.
package locale

import (
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed en/*.json zh/*.json
var catalogues embed.FS

// The codes of the languages.
const (
	English = "en"
	Chinese = "zh"
)

// Locale speaks one language. It may be used by several goroutines.
type Locale struct {
	// Lang is en or zh.
	Lang string

	texts   *i18n.Localizer
	numbers *message.Printer
}

// locales are read when they are first asked for: a command speaks one.
var locales = map[string]func() *Locale{
	English: sync.OnceValue(func() *Locale { return read(English, language.English) }),
	Chinese: sync.OnceValue(func() *Locale { return read(Chinese, language.SimplifiedChinese) }),
}

func read(lang string, tag language.Tag) *Locale {
	bundle := i18n.NewBundle(tag)
	files, _ := fs.Glob(catalogues, path.Join(lang, "*.json")) // the pattern is good, there is no other error
	for _, file := range files {
		raw, err := catalogues.ReadFile(file)
		if err == nil {
			_, err = bundle.ParseMessageBytes(tag, raw, json.Unmarshal)
		}
		if err != nil { // a file of our own, in the binary, that a test has read
			panic("locale: internal error: " + file + ": " + err.Error())
		}
	}
	return &Locale{Lang: lang, texts: i18n.NewLocalizer(bundle, tag.String()), numbers: message.NewPrinter(tag)}
}

// New gives the locale for what a person asks for: a language tag, an
// Accept-Language header, or the value of LANG.
func New(lang string) *Locale { return locales[match(lang)]() }

// All gives both locales, English first.
func All() []*Locale { return []*Locale{New(English), New(Chinese)} }

// matcher has an entry of its own for traditional Chinese, because the tables
// of the library would send it to simplified only with low confidence, behind
// any English that the person also reads.
var matcher = language.NewMatcher([]language.Tag{
	language.English, language.SimplifiedChinese, language.TraditionalChinese,
})

func match(asked string) string {
	asked, _, _ = strings.Cut(asked, "@")
	if at := strings.IndexByte(asked, '.'); at >= 0 && !strings.Contains(asked, ";") { // zh_CN.UTF-8
		asked = asked[:at]
	}
	tags, _, err := language.ParseAcceptLanguage(strings.ReplaceAll(asked, "_", "-"))
	if err != nil {
		return English
	}
	if _, i, _ := matcher.Match(tags...); i > 0 {
		return Chinese
	}
	return English
}

// T gives the text of a key. args are pairs of a name and a value for the
// places {name} in it; the value of n also chooses the plural. A key that is
// missing is given back as it is.
func (l *Locale) T(key string, args ...string) string {
	text, ok := l.text(key, args)
	if !ok {
		return key
	}
	return text
}

func (l *Locale) text(key string, args []string) (string, bool) {
	values := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		values[args[i]] = args[i+1]
	}
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: values, TemplateParser: places{}}
	if n, err := strconv.Atoi(values["n"]); err == nil {
		config.PluralCount = n
		values["n"] = l.Number(int64(n))
	}
	text, err := l.texts.Localize(config)
	if err != nil && config.PluralCount != nil { // a text with one form for every number
		config.PluralCount = nil
		text, err = l.texts.Localize(config)
	}
	return text, err == nil
}

// Number writes a whole number, grouped by thousands.
func (l *Locale) Number(n int64) string { return l.numbers.Sprint(number.Decimal(n)) }

// places is the syntax of the catalogues: {name} is replaced by the argument
// of that name, and by … where there is none. Nothing else is special, so that
// a translator can break nothing but words.
type places struct{}

func (places) Cacheable() bool { return true }

func (places) Parse(src, _, _ string) (template.ParsedTemplate, error) { return placed(src), nil }

type placed string

func (p placed) Execute(data any) (string, error) {
	values, _ := data.(map[string]string)
	var out strings.Builder
	rest := string(p)
	for {
		before, after, ok := strings.Cut(rest, "{")
		out.WriteString(before)
		name, tail, closed := strings.Cut(after, "}")
		if !ok || !closed {
			return out.String(), nil
		}
		if value, ok := values[name]; ok {
			out.WriteString(value)
		} else {
			out.WriteString("…")
		}
		rest = tail
	}
}
