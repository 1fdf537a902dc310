package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"parley.example/internal/node"
	"parley.example/wire/fault"
)

func (sh *shell) newRestoreCommand() *cobra.Command {
	var o rootOptions
	c := sh.newCommand("restore", "restore", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runRestore(ctx, o)
	})
	sh.rootFlags(c, &o)
	return c
}

// runRestore opens new generations of our logs that ended with a restore. It
// needs the root key and the folder to itself: the node must be stopped.
func (sh *shell) runRestore(ctx context.Context, o rootOptions) error {
	root, err := sh.unlockRoot(o)
	if err != nil {
		return err
	}
	off, err := openOffice(ctx, sh.dir, io.Discard, sh.prompt)
	if err != nil {
		return err
	}
	renewed := 0
	for _, l := range off.node.Links() {
		n, rerr := off.node.Renew(ctx, l, node.RootSigning(root))
		renewed += n
		if err == nil {
			err = rerr
		}
	}
	if cerr := off.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "renewed": renewed}, func() {
		sh.say("cli.restore.done", "n", fault.Int(renewed))
	})
}
