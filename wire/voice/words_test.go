package voice

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var syllable = regexp.MustCompile(`^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([aeiouvngr]+)$`)

// heard gives initial and final of both syllables as people hear them over a
// telephone.
func heard(plain string) (out []string) {
	same := map[string]string{"zh": "z", "ch": "c", "sh": "s", "n": "l", "h": "f"}
	for _, s := range strings.Fields(plain) {
		m := syllable.FindStringSubmatch(s)
		if m == nil {
			return nil
		}
		if as, ok := same[m[1]]; ok {
			m[1] = as
		}
		out = append(out, m[1], strings.TrimSuffix(m[2], "g"))
	}
	return out
}

// Spec: VOI-7. A list of 256 numbers: English words in their order and none the
// beginning of another, Chinese words of two characters of which any two
// differ in two of initial, final, initial, final, also when many would say
// them alike.
func TestList(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(list, "\n"), "\n")
	if len(lines) != 256 {
		t.Fatal(len(lines))
	}
	var english []string
	var chinese [][]string
	for i, line := range lines {
		f := strings.Split(line, "\t")
		if len(f) != 5 || f[0] != strconv.Itoa(i) || len([]rune(f[2])) != 2 || len(strings.Fields(f[3])) != 2 {
			t.Fatalf("line %d: %q", i, line)
		}
		for _, before := range english {
			if before >= f[1] || strings.HasPrefix(f[1], before) {
				t.Errorf("%s behind %s", f[1], before)
			}
		}
		sounds := heard(f[4])
		if len(sounds) != 4 {
			t.Fatalf("line %d: %q", i, f[4])
		}
		for j, other := range chinese {
			apart := 0
			for k := range sounds {
				if sounds[k] != other[k] {
					apart++
				}
			}
			if apart < 2 {
				t.Errorf("%s sounds like number %d", f[2], j)
			}
		}
		english, chinese = append(english, f[1]), append(chinese, sounds)
	}
	if w := Words(); w[0].English != english[0] || w[255].English != english[255] || w[255].Chinese == "" || w[255].Pinyin == "" {
		t.Error(w[255])
	}
}

// way gives every key on the way to a row.
func way(secret []byte, higher bool, row int) (keys [][]byte) {
	key := step(secret, "calls "+[]string{"lower", "higher"}[side(higher)], SecretSize)
	for bit := depth - 1; bit >= 0; bit-- {
		keys = append(keys, key)
		key = step(key, []string{"left", "right"}[(row-1)>>bit&1], SecretSize)
	}
	return append(keys, key)
}

// Spec: VOI-8. Of a row that was taken no key on its way is left, whatever was
// taken before and since, and until it was taken one is.
func TestForgotten(t *testing.T) {
	secret := []byte("thirty-two bytes of a secret....")
	k := NewKeys(secret)
	leads := func(row int) bool {
		left := k.Encode()
		for _, key := range append(way(secret, true, row), secret) {
			if bytes.Contains(left, key) {
				return true
			}
		}
		return false
	}
	var taken []int
	for _, row := range []int{1, 2, 3, 100, 4, 512, 257, 99, 256, 5} {
		if !leads(row) {
			t.Errorf("row %d is lost before it is taken", row)
		}
		if got, err := k.Take(true, row); err != nil || got != rowOf(way(secret, true, row)[depth]) {
			t.Errorf("row %d: %v", row, err)
		}
		taken = append(taken, row)
		for _, gone := range taken {
			if leads(gone) {
				t.Errorf("after %v, what is left leads to row %d", taken, gone)
			}
		}
	}
}
