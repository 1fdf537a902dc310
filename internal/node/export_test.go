package node

// Spend counts acts under the epoch of a channel that were never said.
func (l *Link) Spend(channel uint8, acts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epochs[channel].acts = acts
}
