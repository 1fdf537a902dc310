package wording

import (
	"parley.example/internal/addressbook"
	"parley.example/internal/api"
)

// ContactFile are the entries that stand, as a file of another program has them:
// ours, and theirs if they are wanted.
func ContactFile(list []api.ContactPoint, theirs bool) (entries []addressbook.Entry) {
	for _, c := range list {
		if c.Entry == nil || !c.Stands || !c.Ours && !theirs {
			continue
		}
		owner := c.Own
		if !c.Ours {
			owner = c.Link
		}
		entries = append(entries, addressbook.Entry{Name: c.Name, Party: owner, ContactBody: *c.Entry})
	}
	return entries
}
