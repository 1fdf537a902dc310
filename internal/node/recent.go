package node

// recent remembers the values that were put last, up to a bound: the one that
// was put first makes room.
type recent[K comparable, V any] struct {
	values map[K]placed[V]
	order  []K // as they were put; one that was dropped since may still stand here
	next   int // where the oldest stands, once there are as many as the bound
	most   int
}

// placed is a value and where its key stands in the order.
type placed[V any] struct {
	v  V
	at int
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{values: map[K]placed[V]{}, most: most}
}

func (m *recent[K, V]) get(key K) (v V, ok bool) {
	p, ok := m.values[key]
	return p.v, ok
}

func (m *recent[K, V]) put(key K, v V) {
	if known, ok := m.values[key]; ok {
		m.values[key] = placed[V]{v, known.at}
		return
	}
	at := len(m.order)
	if at < m.most {
		m.order = append(m.order, key)
	} else {
		at = m.next
		if oldest, ok := m.values[m.order[at]]; ok && oldest.at == at {
			delete(m.values, m.order[at])
		}
		m.order[at] = key
		m.next = (at + 1) % m.most
	}
	m.values[key] = placed[V]{v, at}
}

func (m *recent[K, V]) drop(key K) { delete(m.values, key) }
