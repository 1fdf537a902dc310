package web

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parley.example/internal/api"
	"parley.example/internal/locale"
)

// deaf is a desk whose node does not run.
func deaf(t *testing.T) http.Handler {
	return New(Options{API: api.Dial(filepath.Join(t.TempDir(), "none.sock")), Origin: "https://desk.example", RPID: "desk.example",
		Log: slog.New(slog.DiscardHandler)}).Handler()
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://desk.example"+path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A page without its node says so in the person's language, and keeps its
// policy.
func TestWithoutNode(t *testing.T) {
	h := deaf(t)
	for lang, want := range map[string]string{"en": `lang="en"`, "zh-CN": `lang="zh-Hans"`} {
		w := ask(h, "GET", "/", "Accept-Language", lang)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Body.String(), "node.not-running") {
			t.Errorf("%s: %d\n%s", lang, w.Code, w.Body)
		}
		if w.Header().Get("Content-Security-Policy") != policy || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", lang, w.Header())
		}
	}
}

// What another site has a browser send changes nothing.
func TestCrossSite(t *testing.T) {
	h := deaf(t)
	for _, c := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
		if w := ask(h, "POST", "/language", c...); w.Code != http.StatusForbidden {
			t.Errorf("%v: %d", c, w.Code)
		}
	}
	if w := ask(h, "POST", "/language", "Sec-Fetch-Site", "same-origin"); w.Code == http.StatusForbidden {
		t.Error("our own page is refused")
	}
}

func TestRedirectionsStayHere(t *testing.T) {
	for path, want := range map[string]string{
		"/real/cn/watch?x=1": "/real/cn/watch?x=1", "": "/", "https://evil.example/": "/", "//evil.example/": "/", `/\evil.example/`: "/",
		"/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/", "real": "/", "/\t/evil.example": "/", "http:evil": "/",
	} {
		if got := ours(path); got != want {
			t.Errorf("%q goes to %q", path, got)
		}
	}
}

var keyInTemplate = regexp.MustCompile(`\.T "([^"]+)"`)

// Every text that a template names is there, in both languages; templates hold
// no style, script or handler of their own, which the policy would refuse.
func TestTemplates(t *testing.T) {
	own := regexp.MustCompile(`(?i)<style|\bstyle=|\bon[a-z]+=|<script>|javascript:`)
	count := 0
	err := fs.WalkDir(templates, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := templates.ReadFile(path)
		for _, m := range keyInTemplate.FindAllStringSubmatch(string(raw), -1) {
			count++
			for _, l := range locale.All() {
				if l.T(m[1]) == m[1] {
					t.Errorf("%s: no text in %s for %s", path, l.Lang, m[1])
				}
			}
		}
		if found := own.FindString(string(raw)); found != "" {
			t.Errorf("%s has %q", path, found)
		}
		return err
	})
	if err != nil || count < 10 {
		t.Fatalf("%d keys, %v", count, err)
	}
}

// Files of pages have names that change with what they hold.
func TestAssets(t *testing.T) {
	a, h := loadAssets(), deaf(t)
	for name, path := range a.named {
		w := ask(h, "GET", path)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	if w := ask(h, "GET", "/static/desk.css"); w.Code != http.StatusNotFound {
		t.Errorf("a file without its mark: %d", w.Code)
	}
}
