package voice

import (
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/rule"
)

// Keys are what is left of a series: for each side that may call, the steps
// from which the rows are computed that were not taken yet. It is a secret.
type Keys struct {
	trees [2][]branch // lower calls, higher calls; each in the order of rows
}

// branch is one step: it gives the rows whose highest bits are its path.
type branch struct {
	bits uint8  // how many bits its path has
	path uint16 // those bits
	key  [SecretSize]byte
}

func (b branch) first() int { return int(b.path) << (depth - b.bits) }
func (b branch) last() int  { return b.first() + 1<<(depth-b.bits) - 1 }

// NewKeys gives all rows of a secret.
func NewKeys(secret []byte) *Keys {
	k := &Keys{}
	for i, side := range []string{"lower", "higher"} {
		k.trees[i] = []branch{{key: [SecretSize]byte(step(secret, "calls "+side, SecretSize))}}
	}
	return k
}

func side(higher bool) int {
	if higher {
		return 1
	}
	return 0
}

// find gives the branch that a row comes from, -1 when it was taken.
func (k *Keys) find(higher bool, row int) int {
	if row < 1 || row > Rows {
		return -1
	}
	return slices.IndexFunc(k.trees[side(higher)], func(b branch) bool { return b.first() < row && row <= b.last()+1 })
}

// Has tells whether a row was not taken yet.
func (k *Keys) Has(higher bool, row int) bool { return k.find(higher, row) >= 0 }

// Take gives a row and forgets it for ever: nothing that is left leads to it.
func (k *Keys) Take(higher bool, row int) (Row, error) {
	at := k.find(higher, row)
	if at < 0 {
		return Row{}, fault.New(rule.VoiceRow, "row", fault.Int(row))
	}
	tree := k.trees[side(higher)]
	b := tree[at]
	var before, after []branch
	for b.bits < depth {
		left := branch{bits: b.bits + 1, path: b.path << 1, key: [SecretSize]byte(step(b.key[:], "left", SecretSize))}
		right := branch{bits: b.bits + 1, path: b.path<<1 | 1, key: [SecretSize]byte(step(b.key[:], "right", SecretSize))}
		if row <= left.last()+1 {
			b, after = left, append(after, right)
		} else {
			b, before = right, append(before, left)
		}
	}
	slices.Reverse(after)
	left := slices.Concat(tree[:at], before, after, tree[at+1:])
	clear(tree)
	k.trees[side(higher)] = left
	return rowOf(b.key[:]), nil
}

// Burn forgets a row, if it is still there.
func (k *Keys) Burn(higher bool, row int) {
	if k.Has(higher, row) {
		k.Take(higher, row)
	}
}

// Next gives the first row that is left from one on; 0: there is none up to
// the other.
func (k *Keys) Next(higher bool, from, to int) int {
	for _, b := range k.trees[side(higher)] {
		if b.last()+1 < from {
			continue
		}
		if row := max(from, b.first()+1); row <= to {
			return row
		}
		break
	}
	return 0
}

// Left counts the rows that are left from one to another.
func (k *Keys) Left(higher bool, from, to int) (n int) {
	for _, b := range k.trees[side(higher)] {
		n += max(0, min(to, b.last()+1)-max(from, b.first()+1)+1)
	}
	return n
}

// Encode gives what is left as bytes, to be kept sealed.
func (k *Keys) Encode() []byte {
	w := octet.Writer{}
	w.U8(1)
	for _, tree := range k.trees {
		w.U16(uint16(len(tree)))
		for _, b := range tree {
			w.U8(b.bits)
			w.U16(b.path)
			w.Fixed(b.key[:])
		}
	}
	return w.Bytes
}

// DecodeKeys reads what Encode gave.
func DecodeKeys(raw []byte) (*Keys, error) {
	r := octet.NewReader(raw)
	if version := r.U8(); version != 1 {
		return nil, fault.New(fault.OctetsUnknown, "what", "voice keys")
	}
	k := &Keys{}
	for i := range k.trees {
		behind := 0
		for range r.U16() {
			b := branch{bits: r.U8(), path: r.U16()}
			copy(b.key[:], r.Fixed(SecretSize))
			if r.Err() != nil {
				break
			}
			if b.bits > depth || int(b.path)>>b.bits != 0 || b.first() < behind {
				return nil, fault.New(fault.OctetsUnknown, "what", "voice keys")
			}
			behind = b.last() + 1
			k.trees[i] = append(k.trees[i], b)
		}
	}
	return k, r.Done()
}
