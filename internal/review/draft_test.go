package review

import (
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
)

// Spec: REV-43. A draft that was withdrawn was no request either.
func TestWithdrawnDraft(t *testing.T) {
	for kind, claims := range map[string]int64{act.RequestOpen: 1, act.RequestDraft: 0} {
		th := &casework.Thread{Phase: casework.Withdrawn, Request: &casework.Request{}, Acts: []casework.Said{{Kind: kind, InOrder: true}}}
		count := newTally()
		count.count(th, "request", "")
		for _, k := range []Key{{Urgency, "", "claims"}, {Completeness, "", "complete"}} {
			if count.counts[k] != claims {
				t.Errorf("%s: %v is %d", kind, k, count.counts[k])
			}
		}
	}
}
