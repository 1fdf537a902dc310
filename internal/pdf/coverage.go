package pdf

import "encoding/binary"

// coverage says which characters a font has, by its table of characters.
type coverage [1 << 16 / 8]byte

func (c *coverage) has(r rune) bool { return r >= 0 && r < 1<<16 && c[r/8]&(1<<(r%8)) != 0 }

// coverageOf reads the table cmap, format 4 (OpenType 1.9), of a font of ours;
// of a font that is damaged it covers nothing.
func coverageOf(font []byte) (c coverage) {
	at16 := func(b []byte, i int) int {
		if i < 0 || i+2 > len(b) {
			return 0
		}
		return int(binary.BigEndian.Uint16(b[i:]))
	}
	at32 := func(b []byte, i int) int { return at16(b, i)<<16 | at16(b, i+2) }
	from := func(b []byte, i int) []byte { return b[min(max(i, 0), len(b)):] }
	for i := range at16(font, 4) {
		record := from(font, 12+16*i)
		if len(record) < 16 || string(record[:4]) != "cmap" {
			continue
		}
		cmap := from(font, at32(record, 8))
		for k := range at16(cmap, 2) {
			if table := from(cmap, at32(cmap, 4+8*k+4)); at16(table, 0) == 4 {
				c.add(table, at16)
			}
		}
	}
	return c
}

func (c *coverage) add(table []byte, at16 func([]byte, int) int) {
	n := at16(table, 6) / 2
	for i := range n {
		last, first := at16(table, 14+2*i), at16(table, 16+2*n+2*i)
		delta, offset := at16(table, 16+4*n+2*i), at16(table, 16+6*n+2*i)
		for r := first; r <= last && r < 0xffff; r++ {
			glyph := r + delta
			if offset != 0 {
				if glyph = at16(table, 16+6*n+2*i+offset+2*(r-first)); glyph != 0 {
					glyph += delta
				}
			}
			if glyph&0xffff != 0 {
				c[r/8] |= 1 << (r % 8)
			}
		}
	}
}
