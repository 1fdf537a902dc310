package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// lockFolder takes the folder for this process until the file is closed, which
// the system does for a process that dies.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, rule.StoreIO, "folder", dir)
	}
	taken, err := tryLock(f)
	switch {
	case err != nil:
		f.Close()
		return nil, fault.Wrap(err, rule.StoreIO, "folder", dir)
	case taken:
		f.Close()
		return nil, fault.New(rule.StoreLocked, "folder", dir)
	}
	return f, nil
}

// emptyFile makes a file that only its owner reads; SQLite gives the files that
// it puts beside it the same mode.
func emptyFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, rule.StoreExists, "file", path)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fault.Wrap(err, rule.StoreIO, "file", path)
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		return fault.Wrap(err, rule.StoreIO, "file", path)
	}
	return nil
}

// syncFolder makes a new name in a folder durable. Windows has no such call and
// writes names with their files.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		return fault.Wrap(err, rule.StoreIO, "folder", dir)
	}
	return nil
}
