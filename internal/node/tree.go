package node

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// hashes reads the hashes of a log's complete subtrees out of the rows: the
// subtree of level k that ends behind leaf p was completed by leaf p.
type hashes struct {
	r  store.Reader
	id store.LogID
}

// ReadHashes is tlog.HashReader.
func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		row, err := h.r.Row(h.id, uint64(n+1)<<level-1)
		if err != nil {
			return nil, err
		}
		if level >= len(row.Hashes) {
			return nil, fault.New(rule.StoreDamaged, "what", "hashes of a leaf")
		}
		out[i] = row.Hashes[level]
	}
	return out, nil
}

// rootAt is a log's root at a size no larger than what is stored.
func rootAt(r store.Reader, id store.LogID, size uint64) (tlog.Hash, bool) {
	if size > 1<<62 {
		return tlog.Hash{}, false
	}
	root, err := tlog.TreeHash(int64(size), hashes{r, id})
	return root, err == nil
}
