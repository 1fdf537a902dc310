package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"parley.example/internal/api"
)

// builtin is a word of the story's own language. Those that testscript has too
// mean the same. Ours are:
//
//	nodes [NAME]                     two nodes: us and cn, under the small arrangement; with the
//	                                 name of a shipped one left and right, under that
//	ready DIR...                     a node answers on its socket
//	meet DIR DIR                     each of two nodes holds all that the other has said
//	fill DIR TYPE FILE [NAME=VALUE]  a form as an officer of that node fills it in
//	json PATH WANT, save NAME PATH   a field of the JSON that was printed last
//	until RE COMMAND...              again and again, until it says so
//	becomes PATH WANT COMMAND...     again and again, until the field is that
//	said NAME RE                     what a program in the background has said
//	keep FILE                        what was printed last
//	free NAME, flip FILE, cut FILE   a free port; a file that is bent, or short
//	[NAME] COMMAND...                only under that arrangement, or in that language
func (s *story) builtin(name string) func(want bool, args []string) {
	return map[string]func(bool, []string){
		"env": s.doEnv, "cd": s.doCd, "cp": s.doCp, "rm": s.doRm, "mkdir": s.doMkdir, "chmod": s.doChmod, "mv": s.doMv,
		"exists": s.doExists, "stdin": s.doStdin, "stdout": s.doStdout, "stderr": s.doStderr, "grep": s.doGrep, "cmp": s.doCmp,
		"wait": s.doWait, "stop": s.doStop, "kill": s.doKill, "ready": s.doReady, "nodes": s.doNodes, "json": s.doJSON,
		"save": s.doSave, "until": s.doUntil, "becomes": s.doBecomes, "free": s.doFree, "flip": s.doFlip, "cut": s.doCut, "said": s.doSaid, "keep": s.doKeep,
		"meet": s.doMeet, "fill": s.doFill, "clocks": s.doClocks, "pass": s.doPass,
	}[name]
}

// env NAME=VALUE
func (s *story) doEnv(_ bool, args []string) {
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		s.env[name] = value
	}
}

func (s *story) doCd(_ bool, args []string) { s.cwd = s.path(args[0]) }

func (s *story) check(err error) {
	s.t.Helper()
	if err != nil {
		s.fail("%v", err)
	}
}

// cp FROM TO: a file, or a folder with all that is in it.
func (s *story) doCp(_ bool, args []string) {
	from, to := s.path(args[0]), s.path(args[1])
	info, err := os.Stat(from)
	s.check(err)
	if info.IsDir() {
		s.check(copyFolder(from, to))
		return
	}
	raw, err := os.ReadFile(from)
	s.check(err)
	s.check(os.WriteFile(to, raw, info.Mode()))
}

// copyFolder leaves sockets out: a copy of one is none.
func copyFolder(from, to string) error {
	return filepath.Walk(from, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case info.IsDir():
			return os.MkdirAll(target, info.Mode())
		case !info.Mode().IsRegular():
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, info.Mode())
	})
}

func (s *story) doRm(_ bool, args []string) {
	for _, a := range args {
		s.check(os.RemoveAll(s.path(a)))
	}
}

func (s *story) doMkdir(_ bool, args []string) { s.check(os.MkdirAll(s.path(args[0]), 0o755)) }

func (s *story) doMv(_ bool, args []string) { s.check(os.Rename(s.path(args[0]), s.path(args[1]))) }

// chmod MODE FILE
func (s *story) doChmod(_ bool, args []string) {
	mode, err := strconv.ParseUint(args[0], 8, 32)
	s.check(err)
	s.check(os.Chmod(s.path(args[1]), os.FileMode(mode)))
}

// exists FILE...
func (s *story) doExists(want bool, args []string) {
	for _, a := range args {
		if _, err := os.Lstat(s.path(a)); (err == nil) != want {
			s.fail("%s: there %v", a, err == nil)
		}
	}
}

// stdin FILE: for the next command.
func (s *story) doStdin(_ bool, args []string) {
	raw, err := os.ReadFile(s.path(args[0]))
	s.check(err)
	s.stdin = string(raw)
}

func (s *story) match(want bool, pattern, text string) {
	s.t.Helper()
	re, err := regexp.Compile("(?m)" + pattern)
	s.check(err)
	if re.MatchString(text) != want {
		s.fail("%q in it: %v", pattern, !want)
	}
}

// stdout RE, stderr RE: what the command before said.
func (s *story) doStdout(want bool, args []string) { s.match(want, args[0], s.out) }
func (s *story) doStderr(want bool, args []string) { s.match(want, args[0], s.errs) }

// said NAME RE: what a program in the background has said so far.
func (s *story) doSaid(want bool, args []string) {
	j := s.jobs[args[0]]
	s.match(want, args[1], j.out.String()+j.err.String())
}

// keep FILE: what the command before said.
func (s *story) doKeep(_ bool, args []string) { s.write(args[0], s.out) }

// grep RE FILE
func (s *story) doGrep(want bool, args []string) {
	raw, err := os.ReadFile(s.path(args[1]))
	s.check(err)
	s.match(want, args[0], string(raw))
}

// cmp FILE FILE, byte for byte; stdout is what the command before said.
func (s *story) doCmp(want bool, args []string) {
	var both [2][]byte
	for i, a := range args[:2] {
		if a == "stdout" {
			both[i] = []byte(s.out)
			continue
		}
		var err error
		both[i], err = os.ReadFile(s.path(a))
		s.check(err)
	}
	if bytes.Equal(both[0], both[1]) != want {
		s.fail("%s and %s are the same: %v", args[0], args[1], !want)
	}
}

func (s *story) finish(name string, want bool, sig os.Signal) {
	s.t.Helper()
	j := s.jobs[name]
	if j == nil {
		s.fail("nothing runs as %s", name)
	}
	if sig != nil {
		j.cmd.Process.Signal(sig)
	}
	s.poll(name, func() bool {
		select {
		case <-j.done:
			return true
		default:
			return false
		}
	})
	delete(s.jobs, name)
	s.out, s.errs = j.out.String(), j.err.String()
	if (j.failed == nil) != want {
		s.fail("%s ended with %v", name, j.failed)
	}
}

// wait NAME, stop NAME (in order), kill NAME (as a power cut does).
func (s *story) doWait(want bool, args []string) { s.finish(args[0], want, nil) }
func (s *story) doStop(want bool, args []string) { s.finish(args[0], want, os.Interrupt) }
func (s *story) doKill(_ bool, args []string) {
	for _, name := range args {
		s.finish(name, false, syscall.SIGKILL)
	}
}

// ready DIR...: a node answers on its socket.
func (s *story) doReady(_ bool, args []string) {
	for _, dir := range args {
		client := api.Dial(s.path(filepath.Join(dir, "parley.sock")))
		s.poll(dir, func() bool {
			for name, j := range s.jobs {
				select {
				case <-j.done:
					s.fail("%s has ended: %v", name, j.failed)
				default:
				}
			}
			return client.Call(s.t.Context(), "/v1/status", nil, nil) == nil
		})
	}
}

// json PATH WANT: a field of what the command before said.
func (s *story) doJSON(want bool, args []string) {
	if have := s.field(args[0]); (have == args[1]) != want {
		s.fail("%s is %s", args[0], have)
	}
}

// save NAME PATH: a field into a variable.
func (s *story) doSave(_ bool, args []string) { s.env[args[0]] = s.field(args[1]) }

// until RE COMMAND...: again and again, until it says so.
func (s *story) doUntil(want bool, args []string) {
	re := regexp.MustCompile("(?m)" + args[0])
	s.poll("until", func() bool {
		err := s.foreground(args[1:])
		return err == nil && re.MatchString(s.out) == want
	})
}

// becomes PATH WANT COMMAND...: again and again, until the field is that.
func (s *story) doBecomes(_ bool, args []string) {
	s.poll("becomes", func() bool { return s.foreground(args[2:]) == nil && s.field(args[0]) == args[1] })
}

// free NAME: a port nobody listens at.
func (s *story) doFree(_ bool, args []string) {
	port, err := freePort()
	s.check(err)
	s.env[args[0]] = strconv.Itoa(port)
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// flip FILE PART PARTS: one bit, in the middle of a part of the file.
func (s *story) doFlip(_ bool, args []string) {
	raw, err := os.ReadFile(s.path(args[0]))
	s.check(err)
	part, _ := strconv.Atoi(args[1])
	parts, _ := strconv.Atoi(args[2])
	raw[(2*part-1)*len(raw)/(2*parts)] ^= 1
	s.check(os.WriteFile(s.path(args[0]), raw, 0o644))
}

// cut FILE: all but the last byte stays.
func (s *story) doCut(_ bool, args []string) {
	info, err := os.Stat(s.path(args[0]))
	s.check(err)
	s.check(os.Truncate(s.path(args[0]), info.Size()-1))
}
