package carrier

import (
	"io"
	"slices"
)

// Crowd adds one who came, and sends the oldest away when there are too many:
// it is the likeliest to be dead.
func Crowd[C io.Closer](list []C, came C, limit int) []C {
	if list = append(list, came); len(list) > limit {
		list[0].Close()
		list = slices.Delete(list, 0, 1)
	}
	return list
}
