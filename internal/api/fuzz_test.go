package api

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"testing"
)

// echo is the handler of a body that is given back as it was read.
func echo[In any]() http.HandlerFunc {
	h := take(func(_ context.Context, in *In) (*In, error) { return in, nil })
	return func(w http.ResponseWriter, r *http.Request) {
		h(w, r.WithContext(context.WithValue(r.Context(), callKey{}, &call{caller: &caller{open: true}})))
	}
}

// bodies are the handlers of every body that a command sends.
func bodies() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"Officer": echo[Officer](), "CardDraft": echo[CardDraft](), "CardSigned": echo[CardSigned](), "Import": echo[Import](),
		"Prepare": echo[Prepare](), "Submit": echo[Submit](), "Cross": echo[Cross](), "SignAsk": echo[SignAsk](),
		"LinkAsk": echo[LinkAsk](), "Disclose": echo[Disclose](), "CustodyStep": echo[CustodyStep](), "CustodySigned": echo[CustodySigned](), "ReplaceAsk": echo[ReplaceAsk](), "EvidenceAsk": echo[EvidenceAsk](),
		"CallWriting": echo[CallWriting](), "WordsAsk": echo[WordsAsk](), "WordsBegin": echo[WordsBegin](), "WordsHeard": echo[WordsHeard](), "ReviewAsk": echo[ReviewAsk](), "CutAsk": echo[CutAsk](),
		"DeskChange": echo[DeskChange](), "DeskAnswer": echo[DeskAnswer](), "DraftAsk": echo[DraftAsk](),
		"AgencyAnswer": echo[AgencyAnswer](), "PasskeyAnswer": echo[PasskeyAnswer](), "KeyAsk": echo[KeyAsk](), "KeyAnswer": echo[KeyAnswer](), "InvitationAsk": echo[InvitationAsk](),
		"InvitationAnswer": echo[InvitationAnswer](), "InvitationKey": echo[InvitationKey](), "Settings": echo[Settings](), "Invite": echo[Invite](),
		"AccountAsk": echo[AccountAsk](), "ForeseeAsk": echo[ForeseeAsk](), "CompartmentAsk": echo[CompartmentAsk](),
		"DigestAsk": echo[DigestAsk](), "EnterAsk": echo[EnterAsk](), "WithheldAsk": echo[WithheldAsk](), "Form": echo[Form](), "FormAsk": echo[FormAsk](),
		"RosterAsk": echo[RosterAsk](), "OverrideAsk": echo[OverrideAsk](), "HandOver": echo[HandOver](), "PathAsk": echo[PathAsk](), "TestAsk": echo[TestAsk](), "AlarmSeen": echo[AlarmSeen](),
	}
}

// A body that is no JSON of its shape is answered with a code; what is taken is
// taken once more as the same.
func FuzzTake(f *testing.F) {
	handlers := bodies()
	names := slices.Sorted(maps.Keys(handlers))
	for _, shape := range shapes() {
		if shape[0] == nil {
			continue
		}
		n := slices.Index(names, reflect.TypeOf(shape[0]).Elem().Name())
		if n < 0 {
			f.Fatalf("%T is taken and not tried", shape[0])
		}
		raw, err := json.Marshal(shape[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(n), raw)
	}
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		post := func(b []byte) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			handlers[names[int(n)%len(names)]](w, httptest.NewRequest("POST", "/", bytes.NewReader(b)))
			return w
		}
		first := post(b)
		if first.Code == http.StatusUnprocessableEntity {
			var p Problem
			if err := json.Unmarshal(first.Body.Bytes(), &p); err != nil || p.Code == "" {
				t.Fatalf("%q is answered %s", b, first.Body)
			}
			return
		}
		if again := post(first.Body.Bytes()); first.Code != http.StatusOK || !bytes.Equal(again.Body.Bytes(), first.Body.Bytes()) {
			t.Fatalf("%q is read as %s and then as %s", b, first.Body, again.Body)
		}
	})
}

// Whatever a list is asked for, it has a bound.
func FuzzReadFilter(f *testing.F) {
	f.Add("limit=7&find=a+b&only=due&only=theirs&type=x")
	f.Add("limit=%2b10000")
	f.Fuzz(func(t *testing.T, query string) {
		q, _ := url.ParseQuery(query)
		if got, err := readFilter(q); err == nil && (got.limit < 1 || got.limit > mostList) {
			t.Fatalf("%q gives %+v", query, got)
		}
	})
}
