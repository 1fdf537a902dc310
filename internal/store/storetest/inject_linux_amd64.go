package storetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// How one call of the system goes wrong.
type How struct {
	Name   string
	Errno  syscall.Errno
	Stored bool // it was done all the same
	Kill   bool // the process dies at it
}

// Hows are all ways.
func Hows() []How {
	return []How{
		{"failed", syscall.EIO, false, false}, {"failed but stored", syscall.EIO, true, false},
		{"disk full", syscall.ENOSPC, false, false}, {"killed", 0, false, true},
	}
}

const (
	waitAll  = 0x40000000 // __WALL: of threads too
	exitKill = 0x100000   // PTRACE_O_EXITKILL: none outlives the test
	sysTrap  = syscall.SIGTRAP | 0x80
)

// InjectSelf runs the test's own program on a folder that is not there yet, of
// which a variable tells it, and spoils the at-th call; see Inject. Where the
// system forbids that, the test is skipped.
func InjectSelf(t *testing.T, variable string, at int, how How) (folder, said string, calls int) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "kept")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+folder)
	said, calls, err := Inject(cmd, filepath.Dir(folder), at, how)
	if err != nil {
		t.Skipf("this system lets no process look at another: %v", err)
	}
	return folder, said, calls
}

// Inject runs a command and spoils the at-th of its calls that write, sync,
// shorten, rename or remove something below a folder; 0 spoils none. It gives
// what the command printed, and how many such calls it made.
func Inject(cmd *exec.Cmd, folder string, at int, how How) (said string, calls int, err error) {
	runtime.LockOSThread() // the one thread that may ask about the other process
	defer runtime.UnlockOSThread()
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return "", 0, err
	}
	out, err := os.CreateTemp("", "injected-*")
	if err != nil {
		return "", 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return "", 0, err
	}
	in := &injector{pid: cmd.Process.Pid, folder: folder, at: at, how: how, inside: map[int]bool{}, spoil: map[int]bool{}}
	err = in.follow()
	cmd.Process.Release()
	text, rerr := os.ReadFile(out.Name())
	if err == nil {
		err = rerr
	}
	return string(text), in.calls, err
}

type injector struct {
	pid    int
	folder string
	at     int
	how    How
	calls  int
	inside map[int]bool // threads that are in a call
	spoil  map[int]bool // and whose call is the one
}

// follow goes from stop to stop until the process has ended.
func (in *injector) follow() error {
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(in.pid, &ws, waitAll, nil); err != nil {
		return err
	}
	options := syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | exitKill
	if err := syscall.PtraceSetOptions(in.pid, options); err != nil {
		return err
	}
	if err := syscall.PtraceSyscall(in.pid, 0); err != nil {
		return err
	}
	for {
		tid, err := syscall.Wait4(-in.pid, &ws, waitAll, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return err
		case ws.Exited() || ws.Signaled():
			if tid == in.pid {
				return nil
			}
			continue
		}
		signal := 0
		switch stop := ws.StopSignal(); {
		case stop == sysTrap:
			err = in.call(tid)
		case stop != syscall.SIGTRAP && stop != syscall.SIGSTOP:
			signal = int(stop)
		}
		if err == nil {
			err = syscall.PtraceSyscall(tid, signal)
		}
		if err != nil && err != syscall.ESRCH { // it was killed meanwhile
			syscall.Kill(in.pid, syscall.SIGKILL)
			return err
		}
	}
}

// call looks at one call, as it begins and as it ends.
func (in *injector) call(tid int) error {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		return err
	}
	in.inside[tid] = !in.inside[tid]
	if !in.inside[tid] {
		if !in.spoil[tid] {
			return nil
		}
		delete(in.spoil, tid)
		regs.Rax = -uint64(in.how.Errno)
		return syscall.PtraceSetRegs(tid, &regs)
	}
	if !in.matters(tid, &regs) {
		return nil
	}
	if in.calls++; in.calls != in.at {
		return nil
	}
	if in.how.Kill {
		return syscall.Kill(in.pid, syscall.SIGKILL)
	}
	in.spoil[tid] = true
	if in.how.Stored {
		return nil
	}
	regs.Orig_rax = ^uint64(0) // no such call
	return syscall.PtraceSetRegs(tid, &regs)
}

// matters reports whether a call changes something below the folder.
func (in *injector) matters(tid int, regs *syscall.PtraceRegs) bool {
	var path string
	switch regs.Orig_rax {
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_FSYNC, syscall.SYS_FDATASYNC, syscall.SYS_FTRUNCATE:
		path, _ = os.Readlink("/proc/" + strconv.Itoa(in.pid) + "/fd/" + strconv.Itoa(int(regs.Rdi)))
	case syscall.SYS_RENAME, syscall.SYS_UNLINK:
		path = in.text(tid, regs.Rdi)
	case syscall.SYS_RENAMEAT, syscall.SYS_UNLINKAT:
		path = in.text(tid, regs.Rsi)
	default:
		return false
	}
	return strings.HasPrefix(path, in.folder+"/") || path == in.folder
}

// text reads a path out of the other process.
func (in *injector) text(tid int, at uint64) string {
	var b [4096]byte
	for n := 0; n < len(b); n += 64 {
		if _, err := syscall.PtracePeekData(tid, uintptr(at)+uintptr(n), b[n:n+64]); err != nil {
			return ""
		}
		if end := bytes.IndexByte(b[:n+64], 0); end >= 0 {
			return string(b[:end])
		}
	}
	return ""
}
