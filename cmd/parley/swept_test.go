package main

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"parley.example/internal/api"
)

// TestSwept kills a node that is being given an attachment by its own officer,
// and has had a part of another from the other side. At the next start the first
// is gone, and the second goes on from where it broke off.
func TestSwept(t *testing.T) {
	const size, part = 4 << 20, 3 << 20
	s, _ := newStory(t, "")
	s.makeNodes(pairOf(""))
	g, proxy := newGate(t)
	s.through("us", proxy)
	s.through("cn", proxy)
	content := make([]byte, size)
	rand.Read(content)
	s.check(os.WriteFile(s.path("image.bin"), content, 0o600))
	s.run([]string{"parley --dir us serve &us&", "parley --dir cn serve &cn&", "ready us cn", "meet us cn"})
	g.allow(part)
	s.run([]string{"parley --dir us request new --officer duty --file $FORMS/incident.json --attach image.bin"})
	s.poll("a part has come", func() bool { return g.shut() && len(s.under("cn", "begun-*")) == 1 })

	upload, hand := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, err := api.Dial(s.path("cn/parley.sock")).Attach(t.Context(), "link=us&realm=real&name=theirs.bin&media=text/plain", upload)
		ended <- err
	}()
	_, err := hand.Write(content[:1<<20])
	s.check(err)
	s.poll("it is being taken", func() bool { return len(s.under("cn", "incoming-*")) == 1 })
	s.run([]string{"kill cn"})
	hand.Close()
	if err := <-ended; err == nil {
		t.Error("it was acknowledged by a node that was killed")
	}
	begun := s.under("cn", "begun-*")
	if len(s.under("cn", "incoming-*")) != 1 || len(begun) != 1 {
		t.Fatal("nothing was left behind: the test shows nothing")
	}
	before := s.sizeOf(begun[0])
	nobodys := filepath.Join(s.path("cn/attachments"), "begun-"+hex.EncodeToString(make([]byte, 32)))
	s.check(os.WriteFile(nobodys, content[:1000], 0o600))

	s.run([]string{"parley --dir cn serve &cn&", "ready cn"})
	if left := s.under("cn", "incoming-*"); len(left) != 0 {
		t.Errorf("%v is still there", left)
	}
	if left := s.under("cn", "begun-*"); len(left) != 1 || left[0] != begun[0] || s.sizeOf(begun[0]) != before {
		t.Errorf("of %v with %d bytes, and one of nobody, %v is left", begun, before, left)
	}
	passed := g.bytes()
	g.allow(math.MaxInt64)
	s.poll("it has come", func() bool { return len(s.under("cn", "??/*")) == 1 })
	if more := g.bytes() - passed; more >= size || before < part/2 {
		t.Errorf("%d bytes were there, and %d more have passed for %d", before, more, size)
	}
	s.run([]string{"meet us cn", "parley --dir cn log incidents", "stdout 'No incidents'"})
}

// under lists files in a node's folder of attachments.
func (s *story) under(dir, pattern string) []string {
	s.t.Helper()
	list, err := filepath.Glob(filepath.Join(s.path(dir), "attachments", pattern))
	s.check(err)
	return list
}

func (s *story) sizeOf(path string) int64 {
	s.t.Helper()
	info, err := os.Stat(path)
	s.check(err)
	return info.Size()
}
