package casework

import (
	"fmt"
	"testing"

	"parley.example/wire/act"
)

// BenchmarkFlood folds a request into which one side says the same again and
// again, as far as a day's quota lets it.
func BenchmarkFlood(b *testing.B) {
	for _, kind := range []string{act.RequestOpened, act.RequestAsk, act.RequestExtend, act.RequestCondition, act.RequestMark} {
		for _, n := range []int{250, 2000} {
			b.Run(fmt.Sprintf("%s-%d", kind, n), func(b *testing.B) {
				s := opened(false)
				s.say(false, act.RequestAccept)
				body, replies := s.apt(false, kind)
				for i := range n {
					if mark, ok := body.(*act.MarkBody); ok {
						again := *mark
						again.Lift = i%2 == 1
						s.Say(true, s.opening, kind, &again, replies...)
						continue
					}
					s.Say(true, s.opening, kind, body, replies...)
				}
				s.Exchange()
				lower, higher, view := s.Lower(), s.Higher(), s.View(s.Known[0])
				b.ResetTimer()
				for range b.N {
					Fold(lower, higher, view)
				}
			})
		}
	}
}
