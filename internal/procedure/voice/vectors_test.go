package voice

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

const vectors = "../../../spec/vectors/voice"

var update = flag.Bool("update", false, "write the vectors anew")

// written is a story of one series that writes its vector while it is told.
type written struct {
	*story
	t   *testing.T
	out proceduretest.VectorWriter
}

func (w *written) tell(higher bool, kind string, body any, roles ...string) *procedure.Entry {
	e := w.Say(higher, w.opening, kind, body)
	for _, role := range roles {
		proceduretest.Sign(e, proceduretest.Officer(w.Known[0], higher, role, 1))
	}
	w.out.Entry(e)
	return e
}

// stores has the other side store what one has written.
func (w *written) stores(from bool) *written {
	w.Deliver(from)
	w.out.Receipt(w.Link, from)
	return w
}

func (w *written) says(higher bool, change ...func(*act.VoiceUsedBody)) {
	w.tell(higher, act.VoiceUsed, w.used(higher, 9, change...), "duty")
	w.stores(higher)
}

func (w *written) look() {
	w.out.Look(w.t, w.fold(), w.Now)
}

// row, failed and rehearsed change what is said of a row.
func row(n int64) func(*act.VoiceUsedBody) { return func(b *act.VoiceUsedBody) { b.Row = n } }

func failed(b *act.VoiceUsedBody) { b.Outcome = act.VoiceFailed }

func rehearsed(b *act.VoiceUsedBody) { b.Purpose = act.PurposeTest }

// stories of series, each from its offer on.
var stories = map[string]func(*written){
	"used": func(w *written) {
		w.says(false) // before the answer
		w.tell(true, act.VoiceAnswer, answer())
		w.stores(true).tell(false, act.VoiceAnswer, answer()) // one's own
		w.stores(false).look()
		w.Now += calendar.Hour
		w.says(false)
		w.says(false)
		w.says(true)
		w.says(true, func(b *act.VoiceUsedBody) { b.Caller = "higher" }, row(512))
		for _, change := range []func(*act.VoiceUsedBody){
			row(0), row(513), func(b *act.VoiceUsedBody) { b.Caller = "us" }, func(b *act.VoiceUsedBody) { b.Purpose = "fun" }, func(b *act.VoiceUsedBody) { b.Outcome = "" },
			func(b *act.VoiceUsedBody) { b.Officer = " " }, func(b *act.VoiceUsedBody) { b.With = "" }, func(b *act.VoiceUsedBody) { b.Officer = "lo duty 2" },
			func(b *act.VoiceUsedBody) { b.At++ }, func(b *act.VoiceUsedBody) { b.With = strings.Repeat("很", 201) }, func(b *act.VoiceUsedBody) { b.With = strings.Repeat("很", 200) },
		} {
			w.says(false, row(10), change)
		}
		w.tell(false, act.VoiceUsed, w.used(false, 11, func(b *act.VoiceUsedBody) { b.Officer = "lo press 1" }), "press") // stands on no rung
		w.tell(false, act.VoiceUsed, w.used(false, 12), "supervisor", "duty")
		w.stores(false).look()
	},
	"match": func(w *written) {
		w.tell(true, act.VoiceAnswer, answer())
		w.stores(true)
		for n, change := range []func(*act.VoiceUsedBody){failed, rehearsed, func(b *act.VoiceUsedBody) {}} {
			w.says(true, row(int64(n+1)), change)
			w.look()
			w.says(false, row(int64(n+1)))
		}
		w.says(false, row(4), rehearsed)
		w.says(true, row(4), rehearsed)
		w.says(true, row(5), rehearsed, failed)
		w.tell(true, act.VoiceUsed, w.used(true, 6), "duty") // not received yet
		w.look()
	},
	"lapsed": func(w *written) {
		at := w.Now
		w.look()
		w.tell(true, act.VoiceAnswer, answer())
		w.stores(true)
		w.Now += 90*day - 1
		w.look()
		w.Now++
		w.look()
		w.says(false)
		w.says(false, func(b *act.VoiceUsedBody) { b.At = at })
		w.look()
	},
	"unanswered": func(w *written) {
		w.Now += 90 * day
		w.tell(true, act.VoiceAnswer, answer())
		w.stores(true).look()
	},
}

// Spec: VOI-24. The vectors are what the stories write, and are read from their
// lines alone.
func TestVectors(t *testing.T) {
	known := proceduretest.Calling()
	small, err := act.WriteBody(known.Arrangement)
	if err != nil {
		t.Fatal(err)
	}
	proceduretest.Golden(t, filepath.Join(vectors, "small.json"), string(small), *update)
	public := wiretest.SealingKey("alpha seal").Public()
	key := hex.EncodeToString(public[:])
	for name, tell := range stories {
		for offered, number := range map[string]int64{name: 1, name + "-void": 0} {
			if number == 0 && name != "unanswered" {
				continue
			}
			w := &written{t: t, story: &story{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(start), known)}}
			w.out.Begin(offered+".txt", "voice.md")
			w.opening = w.Say(false, nil, act.VoiceOffer, &act.VoiceOfferBody{Series: number, Key: key, Until: w.Now + 90*day})
			w.out.Entry(w.opening)
			w.stores(false)
			tell(w)
			proceduretest.Golden(t, filepath.Join(vectors, offered+".txt"), w.out.String(), *update)
			read(t, known, small, offered+".txt")
		}
	}
}

func read(t *testing.T, known *procedure.Context, small []byte, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Fatal(err)
	}
	r := proceduretest.VectorReader{Channel: statement.Hotline, Cards: known.Cards, Fold: proceduretest.Views(Fold)}
	r.Read(t, small, string(text))
}
