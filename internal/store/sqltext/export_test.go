package sqltext

// TestingOnlyWaiting is how many updates wait for a leader.
func (st *Store) TestingOnlyWaiting() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.queue)
}
