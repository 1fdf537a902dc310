package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of a story; nothing waits for a fixed time.
const patience = 60 * time.Second

// TestMain lets the test binary be the program: a link named parley to it runs
// the real run function, in a process of its own, so that stories have real
// processes to stop, kill and look at.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "parley" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		if list := os.Getenv(mailAddresses); list != "" {
			if err := serveMail(ctx, list); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
		if socket := os.Getenv(clockSocket); socket != "" {
			fmt.Fprintln(os.Stderr, serveClock(ctx, os.Args[2], socket))
			os.Exit(0)
		}
		code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	code := m.Run()
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// shared is what all stories use: the programs, and a seat for each of those
// that run at the same time.
var shared struct {
	once sync.Once
	dir  string
	path string // where programs are looked up
	err  error

	mu    sync.Mutex
	free  []*seat
	seats int
	next  int // port to try
}

// seat is what one story at a time has: ports, and in its folder the nodes that
// were made, introduced and put under an arrangement once, to be copied.
type seat struct {
	dir   string
	ports [2]int
}

func prepared(t *testing.T) string {
	t.Helper()
	shared.once.Do(func() { shared.err = prepare() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.dir
}

func prepare() error {
	dir, err := os.MkdirTemp("", "parley-story-")
	if err != nil {
		return err
	}
	shared.dir = dir
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	shared.path = bin + string(filepath.ListSeparator) + os.Getenv("PATH")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	if err := os.Symlink(self, filepath.Join(bin, "parley")); err != nil {
		return err
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "parley-verify"), "../parley-verify").CombinedOutput(); err != nil {
		return fmt.Errorf("building parley-verify: %v\n%s", err, out)
	}
	return nil
}

// takeSeat gives a seat that nobody has, until the test ends.
func takeSeat(t *testing.T) *seat {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	var s *seat
	if n := len(shared.free); n > 0 {
		s, shared.free = shared.free[n-1], shared.free[:n-1]
	} else {
		s = &seat{dir: filepath.Join(shared.dir, "seat-"+strconv.Itoa(shared.seats))}
		shared.seats++
		for i := range s.ports {
			port, err := nextPort()
			if err != nil {
				t.Fatal(err)
			}
			s.ports[i] = port
		}
	}
	t.Cleanup(func() {
		shared.mu.Lock()
		defer shared.mu.Unlock()
		shared.free = append(shared.free, s)
	})
	return s
}

// freePort finds a port that nobody listens at, below those that systems give
// to whoever asks for any, so that it is still free when the story comes to it.
func freePort() (int, error) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	return nextPort()
}

func nextPort() (int, error) {
	for port := max(20000+os.Getpid()%4000, shared.next); port < 32000; port++ {
		shared.next = port + 1
		if l, err := listen(port); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port")
}

// story is one script that runs.
type story struct {
	t      *testing.T
	seat   *seat
	dir    string // $WORK
	cwd    string
	env    map[string]string
	out    string // of the command before
	errs   string
	stdin  string
	line   string
	jobs   map[string]*job
	heard  *heard // what was printed; then parley runs in this process
	filled int    // forms so far
	clocks bool   // nodes go by clocks that the story sets on
}

// job is a program in the background.
type job struct {
	cmd      *exec.Cmd
	out, err syncBuffer
	done     chan struct{}
	failed   error
}

// syncBuffer is read while a program writes it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newStory makes a folder of a story's own, with the files of its archive.
func newStory(t *testing.T, archive string) (*story, []string) {
	t.Helper()
	dir := t.TempDir()
	prepared(t)
	at := takeSeat(t)
	s := &story{t: t, seat: at, dir: dir, cwd: dir, jobs: map[string]*job{}, env: map[string]string{
		"WORK": dir, "FORMS": forms(t), "HOME": dir, "TMPDIR": dir, "LANG": "C.UTF-8", "PATH": shared.path,
		"US": "127.0.0.1:" + strconv.Itoa(at.ports[0]), "CN": "127.0.0.1:" + strconv.Itoa(at.ports[1])}}
	t.Cleanup(s.end)
	return s, s.unpack(archive)
}

// unpack writes the files of an archive and gives the lines before them.
func (s *story) unpack(archive string) (lines []string) {
	var file *strings.Builder
	name := ""
	keep := func() {
		if file != nil {
			s.write(name, file.String())
		}
	}
	for line := range strings.Lines(archive) {
		if m := fileMark.FindStringSubmatch(line); m != nil {
			keep()
			name, file = m[1], &strings.Builder{}
		} else if file != nil {
			file.WriteString(line)
		} else {
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	keep()
	return lines
}

// forms is the folder of filled-in forms that stories send.
func forms(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("testdata/forms")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var fileMark = regexp.MustCompile(`^-- (\S+) --\s*$`)

func (s *story) write(name, content string) {
	path := s.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// end stops what a story left running.
func (s *story) end() {
	for _, j := range s.jobs {
		j.cmd.Process.Kill()
		<-j.done
	}
}

func (s *story) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.cwd, name)
}

// fail stops the story and shows where it is, and what was said last.
func (s *story) fail(format string, args ...any) {
	s.t.Helper()
	text := fmt.Sprintf(format, args...)
	for name, j := range s.jobs {
		text += fmt.Sprintf("\n[%s]\n%s%s", name, lastOf(j.out.String()), lastOf(j.err.String()))
	}
	s.t.Fatalf("%s\n%s\n[stdout]\n%s[stderr]\n%s", s.line, text, s.out, s.errs)
}

// lastOf keeps the end of what a program printed that runs for long.
func lastOf(text string) string { return text[max(0, len(text)-2000):] }

// words splits a line at spaces; single quotes hold words together, and $NAME
// and ${NAME} are replaced outside of them.
func (s *story) words(line string) (list []string) {
	var word strings.Builder
	started, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'':
			started, quoted = true, !quoted
		case quoted:
			word.WriteByte(c)
		case c == ' ' || c == '\t':
			if started {
				list = append(list, word.String())
				word.Reset()
			}
			started = false
		case c == '$' && i+1 < len(line):
			m := variable.FindStringSubmatch(line[i:])
			if m == nil {
				word.WriteByte(c)
				started = true
				continue
			}
			value, known := s.env[m[1]+m[2]]
			if !known { // an empty pattern would match anything
				s.fail("nothing is saved as %s", m[1]+m[2])
			}
			word.WriteString(value)
			started = true
			i += len(m[0]) - 1
		default:
			started = true
			word.WriteByte(c)
		}
	}
	if started {
		list = append(list, word.String())
	}
	return list
}

var variable = regexp.MustCompile(`^\$(?:([A-Za-z_]\w*)|\{(\w+)\})`)

// run runs the lines of a script.
func (s *story) run(lines []string) {
	s.t.Helper()
	for i, line := range lines {
		s.line = fmt.Sprintf("line %d: %s", i+1, line)
		words := s.words(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if words[0][0] == '[' {
			if !s.holds(strings.Trim(words[0], "[]")) {
				continue
			}
			words = words[1:]
		}
		want := true
		if words[0] == "!" {
			want, words = false, words[1:]
		}
		began := time.Now()
		s.command(want, words)
		s.t.Logf("%6d ms  %s", time.Since(began).Milliseconds(), line)
	}
}

// holds tells whether a line is for the arrangement or the language that the
// story runs in.
func (s *story) holds(condition string) bool {
	return condition == s.env["ARRANGEMENT"] || condition == s.env["LANGUAGE"]
}

// command runs one command; want is whether it shall succeed.
func (s *story) command(want bool, words []string) {
	s.t.Helper()
	if own := s.builtin(words[0]); own != nil {
		own(want, words[1:])
		return
	}
	if words[0] == "exec" {
		words = words[1:]
	}
	last := words[len(words)-1]
	if len(last) > 1 && last[0] == '&' && last[len(last)-1] == '&' {
		s.background(last[1:len(last)-1], words[:len(words)-1])
		return
	}
	err := s.foreground(words)
	if (err == nil) != want {
		s.fail("ended with %v", err)
	}
}

func (s *story) prepare(ctx context.Context, words []string) *exec.Cmd {
	for name, value := range s.env {
		if name == "PATH" {
			os.Setenv("PATH", value) // exec looks programs up in its own path
		}
	}
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Dir = s.cwd
	for name, value := range s.env {
		c.Env = append(c.Env, name+"="+value)
	}
	if n := len(words); s.clocks && words[n-1] == "serve" {
		c.Env = append(c.Env, clockSocket+"="+s.clockOf(words[n-2]))
	}
	return c
}

func (s *story) foreground(words []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	in := strings.NewReader(s.stdin)
	s.stdin = ""
	var err error
	if s.heard != nil && words[0] == "parley" {
		if run(ctx, words[1:], in, &out, &errs) != 0 {
			err = errors.New("refused")
		}
		s.heard.note(words, out.String(), errs.String())
	} else {
		c := s.prepare(ctx, words)
		c.Stdout, c.Stderr, c.Stdin = &out, &errs, in
		err = c.Run()
	}
	s.out, s.errs = out.String(), errs.String()
	if ctx.Err() != nil {
		s.fail("it did not end")
	}
	return err
}

func (s *story) background(name string, words []string) {
	j := &job{cmd: s.prepare(context.Background(), words), done: make(chan struct{})}
	j.cmd.Stdout, j.cmd.Stderr = &j.out, &j.err
	if err := j.cmd.Start(); err != nil {
		s.fail("%v", err)
	}
	go func() {
		j.failed = j.cmd.Wait()
		close(j.done)
	}()
	s.jobs[name] = j
}

// poll asks until the answer is yes, or patience ends.
func (s *story) poll(what string, ask func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !ask(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.fail("%s: waited in vain", what)
		}
	}
}

// field finds a value in the JSON that was said last, by a path as in
// links.0.state; in a list a name=value finds the first element that has it.
func (s *story) field(path string) string {
	s.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s.out), &v); err != nil {
		s.fail("not JSON: %v", err)
	}
	for _, step := range strings.Split(path, ".") {
		if path == "." {
			break
		}
		next, ok := stepInto(v, step)
		if !ok {
			s.fail("no %s in %s", step, path)
		}
		v = next
	}
	if text, ok := v.(string); ok {
		return text
	}
	raw, err := json.Marshal(v)
	if err != nil {
		s.fail("%v", err)
	}
	return string(raw)
}

func stepInto(v any, step string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		next, ok := v[step]
		return next, ok
	case []any:
		if name, want, ok := strings.Cut(step, "="); ok {
			for _, e := range v {
				if m, _ := e.(map[string]any); m != nil && fmt.Sprint(m[name]) == want {
					return e, true
				}
			}
			return nil, false
		}
		if step == "len" {
			return len(v), true
		}
		i, err := strconv.Atoi(step)
		if err == nil && i < 0 {
			i += len(v)
		}
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}
