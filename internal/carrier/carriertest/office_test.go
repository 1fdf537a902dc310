package carriertest

import (
	"testing"

	"parley.example/internal/carrier"
)

func TestOffice(t *testing.T) {
	Posted(t, func(*testing.T) Mailed {
		o := &Office{}
		return Mailed{Poster: o, Box: o, Letter: func(t *testing.T, text string) {
			if err := o.Post(t.Context(), carrier.Peer{}, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}}
	})
}
