package node

import (
	"testing"

	"pgregory.net/rapid"
)

// TestRecent: what was put last is there, as it was put, and never more than
// the bound; what was dropped is not.
func TestRecent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 5).Draw(t, "most")
		m := newRecent[int, int](most)
		values, last := map[int]int{}, []int{} // what was put, and in which order for the first time
		for n := range rapid.IntRange(0, 40).Draw(t, "steps") {
			key := rapid.IntRange(0, 9).Draw(t, "key")
			if rapid.IntRange(0, 4).Draw(t, "drop") == 0 {
				m.drop(key)
				delete(values, key)
				continue
			}
			if _, there := m.get(key); !there {
				last = append(last, key)
			}
			m.put(key, n)
			values[key] = n
			if got, there := m.get(key); !there || got != n {
				t.Fatalf("%d was put and is %d, %t", key, got, there)
			}
		}
		if len(m.values) > most {
			t.Fatalf("%d values, of %d", len(m.values), most)
		}
		for key := range m.values {
			got, _ := m.get(key)
			if want, put := values[key]; !put || got != want {
				t.Fatalf("%d is %d; it was put as %d, %t", key, got, want, put)
			}
		}
		if n := len(last); n > 0 && len(values) > 0 {
			newest := last[n-1]
			if _, put := values[newest]; put {
				if _, there := m.get(newest); !there {
					t.Fatalf("%d came last and is gone", newest)
				}
			}
		}
	})
}
