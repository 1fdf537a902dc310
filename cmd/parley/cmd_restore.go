package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"parley.example/internal/node"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

func (sh *shell) newRestoreCommand() *cobra.Command {
	var o rootOptions
	c := sh.newCommand("restore", "restore", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		return sh.runRestore(ctx, o)
	})
	sh.rootFlags(c, &o)
	return c
}

// runRestore finishes a restore: it opens what came back with the archive key,
// and new generations of our logs that have ended with the root key. It needs
// both keys, and the folder to itself: the node must be stopped.
func (sh *shell) runRestore(ctx context.Context, o rootOptions) error {
	keys, err := sh.unlockRootFolder(o)
	if err != nil {
		return err
	}
	root, err := keys.root()
	if err != nil {
		return err
	}
	archive, err := keys.archive()
	if err != nil {
		return err
	}
	off, err := openOffice(ctx, sh.dir, io.Discard, sh.prompt)
	if err != nil {
		return err
	}
	renewed, opened := 0, 0
	for _, l := range off.node.Links() {
		r, a, lerr := finishRestore(ctx, off.node, l, root, archive)
		renewed, opened = renewed+r, opened+a
		if err == nil {
			err = lerr
		}
	}
	if cerr := off.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return sh.show(map[string]any{"ok": true, "renewed": renewed, "opened": opened}, func() {
		if opened > 0 {
			sh.say("cli.restore.opened", "n", fault.Int(opened))
		}
		sh.say("cli.restore.done", "n", fault.Int(renewed))
	})
}

// finishRestore does one link. One that still waits for the other side's answer
// is contacted: first the hello that says what is missing, then one over the
// nonce that was drawn after it came.
func finishRestore(ctx context.Context, n *node.Node, l *node.Link, root *suite.SigningKey, archive suite.SealingKey) (renewed, opened int, err error) {
	for range 3 {
		status, err := n.LinkStatus(ctx, l)
		if err != nil {
			return 0, 0, err
		}
		if status.State == "ready" {
			break
		}
		if err := n.Contact(ctx, l); err != nil {
			return 0, 0, fault.Wrap(err, rule.ContactRestore, "code", l.Code())
		}
	}
	status, err := n.LinkStatus(ctx, l)
	if err == nil && status.State != "ready" {
		err = fault.New(rule.ContactRestore, "code", l.Code())
	}
	if err != nil {
		return 0, 0, err
	}
	if opened, err = n.Recover(ctx, l, archive.PrivateKey); err != nil {
		return 0, 0, err
	}
	for range 3 {
		renewed, err = n.Renew(ctx, l, node.RootSigning(root))
		// How much of an ended log they hold is known once they have said it; what
		// they lack of it goes to them first.
		if !fault.Is(err, rule.ContactRestore) || n.Contact(ctx, l) != nil {
			break
		}
	}
	return renewed, opened, err
}
