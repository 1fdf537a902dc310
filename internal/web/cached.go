package web

import "sync"

// most is how many values a cache keeps; the whole of it is dropped then.
const most = 64

// cached keeps what is dear to make again and never changes.
type cached[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]V
}

func (c *cached[K, V]) get(key K, make func() (V, error)) (V, error) {
	c.mu.Lock()
	v, ok := c.kept[key]
	c.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := make()
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= most || c.kept == nil {
		c.kept = map[K]V{}
	}
	c.kept[key] = v
	return v, nil
}
