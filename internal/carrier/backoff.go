package carrier

import "time"

// Backoff is how long to wait after a failure when the last wait was that long;
// 0: there was none.
func Backoff(last time.Duration) time.Duration {
	const least, most = 250 * time.Millisecond, time.Minute
	return min(most, max(least, 2*last))
}
