package web

import "net/http"

// policy lets a page use files of this desk, and nothing else: no script or
// style within a page, nothing from elsewhere, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guarded sets what every answer says about itself, and refuses what another
// site has a browser send.
func guarded(origin string, next http.Handler) http.Handler {
	crossing := http.NewCrossOriginProtection()
	if origin != "" {
		if err := crossing.AddTrustedOrigin(origin); err != nil { // of our own configuration, checked when it was read
			panic("web: internal error: " + err.Error())
		}
	}
	checked := crossing.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		checked.ServeHTTP(w, r)
	})
}
