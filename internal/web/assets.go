package web

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var static embed.FS

// assets are the files of pages, under names that change with their content, so
// that a browser may keep them for ever.
type assets struct {
	content map[string][]byte // by name with its mark
	named   map[string]string // path by name in the tree
}

func loadAssets() assets {
	a := assets{content: map[string][]byte{}, named: map[string]string{}}
	files, _ := fs.ReadDir(static, "static")
	// Style sheets name fonts, so these must have their names first.
	for _, sheets := range []bool{false, true} {
		for _, f := range files {
			if f.IsDir() || (path.Ext(f.Name()) == ".css") != sheets {
				continue
			}
			raw, err := static.ReadFile("static/" + f.Name())
			if err != nil { // of the binary
				panic("web: internal error: " + err.Error())
			}
			if sheets {
				text := string(raw)
				for name, at := range a.named {
					text = strings.ReplaceAll(text, "url("+name+")", "url("+at+")")
				}
				raw = []byte(text)
			}
			sum := sha256.Sum256(raw)
			ext := path.Ext(f.Name())
			marked := strings.TrimSuffix(f.Name(), ext) + "." + base64.RawURLEncoding.EncodeToString(sum[:9]) + ext
			a.content[marked], a.named[f.Name()] = raw, "/static/"+marked
		}
	}
	return a
}

// path gives where a file of the tree is; one that is not there is a mistake in
// a template of ours.
func (a assets) path(name string) string {
	at, ok := a.named[name]
	if !ok {
		panic("web: internal error: no file " + name)
	}
	return at
}

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	raw, ok := a.content[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(r.PathValue("name"))))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Write(raw)
}
