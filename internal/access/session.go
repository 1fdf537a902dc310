package access

// How long a session lasts, in milliseconds.
const (
	Longest = 12 * 60 * 60 * 1000 // from signing in, used or not
	Idle    = 30 * 60 * 1000      // without use; of a duty officer the whole shift
	Fresh   = 10 * 60 * 1000      // since signing in, for what changes the keys of an account
)

// Session is one sign-in. Its token is known to the one who signed in alone;
// who keeps the session keeps the token's hash.
type Session struct {
	Account string
	Began   int64
	Used    int64
}

// Alive reports whether the session goes on.
func (s *Session) Alive(a *Account, now int64) bool {
	if a.Ended != 0 || now-s.Began >= Longest {
		return false
	}
	return a.Is(Duty) || now-s.Used < Idle
}

// Until is when the session ends if it is not used again.
func (s *Session) Until(a *Account) int64 {
	if a.Is(Duty) {
		return s.Began + Longest
	}
	return min(s.Began+Longest, s.Used+Idle)
}
