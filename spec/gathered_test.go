package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/mail"
)

// chunkStep is a chunk as it comes, of MAIL-27.
type chunkStep struct {
	Turn  string `json:"turn"`
	Of    int    `json:"of"`
	Size  int    `json:"size,omitempty"`
	From  int    `json:"from"`
	Fill  string `json:"fill,omitempty"`
	Gives string `json:"gives"`
}

type chunkStory struct {
	Name  string      `json:"name"`
	Steps []chunkStep `json:"steps"`
}

// size is what the chunk names.
func (s chunkStep) size() int {
	if s.Size > 0 {
		return s.Size
	}
	return s.Of
}

// take gives what a gatherer makes of a chunk.
func (s chunkStep) take(g *mail.Gatherer) string {
	size, fill := s.size(), s.Turn
	if s.Fill != "" {
		fill = s.Fill
	}
	turn := bytes.Repeat([]byte(s.Turn), s.Of)
	whole, err := g.Add(&mail.Chunk{Turn: sha256.Sum256(turn), Size: uint32(size), From: uint32(s.From),
		Part: bytes.Repeat([]byte(fill), min(mail.Part, size-s.From))})
	switch {
	case err != nil:
		return string(fault.CodeOf(err))
	case whole == nil:
		return "nothing"
	case !bytes.Equal(whole, turn):
		return "another turn"
	}
	return "whole"
}

// Spec: MAIL-5, MAIL-27. What becomes of chunks in any order and any number.
func TestGatheredVectors(t *testing.T) {
	raw, err := os.ReadFile("vectors/gathered/chunks.json")
	if err != nil {
		t.Fatal(err)
	}
	var stories []chunkStory
	if err := json.Unmarshal(raw, &stories); err != nil || len(stories) == 0 {
		t.Fatal(len(stories), err)
	}
	for _, story := range stories {
		var g mail.Gatherer
		for i, s := range story.Steps {
			if got := s.take(&g); got != s.Gives {
				t.Errorf("%s, step %d: %s, want %s", story.Name, i+1, got, s.Gives)
			}
		}
	}
}

// Spec: MAIL-5. Both implementations make the same of chunks drawn at random.
func TestSecondGathered(t *testing.T) {
	seed, number := uint64(time.Now().UnixNano()), 20
	if os.Getenv("PARLEY_LONG") != "" {
		number = 400
	}
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("PARLEY_SEED=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(from ...int) int { return from[rng.IntN(len(from))] }
	stories, gave := make([]chunkStory, number), map[string]int{}
	for i := range stories {
		var g mail.Gatherer
		stories[i].Name = strconv.Itoa(i)
		for range 40 {
			letter := rng.IntN(7)
			s := chunkStep{Turn: string(rune('a' + letter)), Of: []int{9, mail.Part, mail.Part + 1}[letter%3]}
			if s.From = pick(0, 0, mail.Part); rng.IntN(8) == 0 {
				s.Size = pick(9, mail.Part+1, mail.Part+2, 2*mail.Part+1)
			}
			if s.From >= s.size() {
				s.From = 0
			}
			if rng.IntN(8) == 0 {
				s.Fill = "x"
			}
			s.Gives = s.take(&g)
			gave[s.Gives]++
			stories[i].Steps = append(stories[i].Steps, s)
		}
	}
	raw, err := json.Marshal(stories)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if os.Mkdir(filepath.Join(dir, "gathered"), 0o755) != nil || os.WriteFile(filepath.Join(dir, "gathered", "chunks.json"), raw, 0o644) != nil {
		t.Fatal("the stories cannot be written")
	}
	_, differ := second(t, dir)
	if len(differ) > 0 || len(gave) != 3 {
		t.Errorf("%v: %v", gave, differ)
	}
	t.Logf("%v", gave)
}
